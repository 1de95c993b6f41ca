import { useTranslation } from "react-i18next";
import { useMay, useSession } from "../app/session";
import { useSayFailure } from "../app/useSayFailure";
import { criteriaText } from "./criteriaText";
import { By, StepButton } from "./Steps";
import { isOver, type Rule, ruleSteps } from "./steps";
import { useDeed, useTeams } from "./useCompliance";

/** Retention rules in the order in which they decide. */
export function RuleTable({ rules }: { rules: readonly Rule[] }) {
  const { t } = useTranslation();
  return (
    <div className="scroll">
      <table className="facts">
        <thead>
          <tr>
            <th scope="col" className="count">
              {t("rule.priority")}
            </th>
            <th scope="col">{t("rule.name")}</th>
            <th scope="col">{t("criteria.title")}</th>
            <th scope="col" className="count">
              {t("rule.kept")}
            </th>
            <th scope="col">{t("compliance.state")}</th>
            <th scope="col">{t("rule.proposed")}</th>
            <th scope="col">{t("rule.approved")}</th>
            <th scope="col">{t("rule.ended")}</th>
            <th scope="col">
              <span className="visually-hidden">{t("compliance.steps")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rules.map((rule) => (
            <RuleRow key={rule.id} rule={rule} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function RuleRow({ rule }: { rule: Rule }) {
  const { t } = useTranslation();
  const teams = useTeams();
  return (
    <tr className={isOver(rule) ? "over" : undefined} data-row tabIndex={-1}>
      <td className="count">{rule.priority}</td>
      <th scope="row">{rule.name}</th>
      <td>{criteriaText(rule.criteria, teams.data ?? new Map(), t)}</td>
      <td className="count">
        {rule.keep_days === null ? t("rule.forEver") : t("rule.days", { count: rule.keep_days })}
      </td>
      <td className={`kept-state state-${rule.state}`}>{t(`rule.state.${rule.state}`)}</td>
      <td>
        <By who={rule.proposed_by} at={rule.proposed_at} />
      </td>
      <td>
        <By who={rule.approved_by} at={rule.approved_at} />
      </td>
      <td>
        <By
          who={rule.retired_by || rule.retirement_asked_by}
          at={rule.retired_at ?? rule.retirement_asked_at}
        />
      </td>
      <td className="steps">
        <RuleSteps rule={rule} />
      </td>
    </tr>
  );
}

function RuleSteps({ rule }: { rule: Rule }) {
  const { t } = useTranslation();
  const { user } = useSession();
  const mayChange = useMay("retention.request");
  const say = useSayFailure();
  const deed = useDeed();
  if (!mayChange) return null;
  return ruleSteps(rule, user.username).map(({ step, needsOther }) => (
    <StepButton
      key={step}
      label={t(`rule.step.${step}`)}
      hint={t(`rule.hint.${step}`)}
      needsOther={needsOther}
      busy={deed.isPending}
      onStep={() => deed.mutate({ what: "rule", id: rule.id, step }, { onError: say })}
    />
  ));
}
