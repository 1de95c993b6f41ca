import type { TFunction } from "i18next";
import type { Schemas } from "../api/client";
import { durationText } from "../format/durationText";

type Criteria = Schemas["CriteriaInfo"];

/** Criteria that every call meets. */
export const EVERY_CALL: Criteria = {
  teams: [],
  agents: [],
  numbers: [],
  states: [],
  directions: [],
  tags: [],
  shortest: null,
  longest: null,
};

/** Criteria in words: what a call must be to meet them. `teams` are names by id. */
export function criteriaText(criteria: Criteria, teams: ReadonlyMap<string, string>, t: TFunction): string {
  const { shortest, longest } = criteria;
  const parts = [
    listed(
      t("criteria.teams"),
      criteria.teams.map((id) => teams.get(id) ?? id),
    ),
    listed(t("criteria.agents"), criteria.agents),
    listed(t("criteria.numbers"), criteria.numbers),
    listed(
      t("criteria.states"),
      criteria.states.map((state) => t(`state.${state}`)),
    ),
    listed(
      t("criteria.directions"),
      criteria.directions.map((direction) => t(`direction.${direction}`)),
    ),
    listed(t("criteria.tags"), criteria.tags),
    shortest === null ? "" : t("criteria.atLeast", { duration: durationText(shortest) }),
    longest === null ? "" : t("criteria.atMost", { duration: durationText(longest) }),
  ].filter((part) => part !== "");
  return parts.join(" · ") || t("criteria.every");
}

function listed(name: string, values: readonly string[]): string {
  return values.length > 0 ? `${name} ${values.join(", ")}` : "";
}
