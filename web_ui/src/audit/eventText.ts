import type { TFunction } from "i18next";
import type { Schemas } from "../api/client";
import { criteriaText, EVERY_CALL } from "../compliance/criteriaText";
import { en } from "../i18n/en";
import { roleText } from "../i18n/roleText";

type Done = keyof typeof en.audit.does;

type Kind = keyof typeof en.audit.kind;
type Field = keyof typeof en.audit.field;

const isKind = (kind: string): kind is Kind => kind in en.audit.kind;
const isField = (name: string): name is Field => name in en.audit.field;
const isDone = (action: string): action is Done => action in en.audit.does;

/** What was done; an action that this page does not know keeps the server's word. */
export function actionText(action: string, t: TFunction): string {
  if (isDone(action)) return t(`audit.does.${action}`);
  const tried = action.replace(/\.refused$/, "");
  return isDone(tried) ? t("audit.refused", { what: t(`audit.does.${tried}`) }) : action;
}

/** What kind of thing it was done to; the server's word for one that this page does not know. */
export function kindText(kind: string, t: TFunction): string {
  return isKind(kind) ? t(`audit.kind.${kind}`) : kind;
}

/** The beginning of an id that nobody reads, or the whole of a name. */
export function shortId(target: string): string {
  return /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(target) ? target.slice(0, 8) : target;
}

/** Names of teams by id; the log keeps ids, because names change. */
type Teams = ReadonlyMap<string, string>;

/** What an event changed or asked for, `Format: wav`; with what it was before, where it says so. */
export function detailText(
  { before, after }: Pick<Schemas["AuditEvent"], "before" | "after">,
  teams: Teams,
  t: TFunction,
): string {
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  return [...names]
    .map(
      (name) =>
        [
          name,
          [before, after].map((side) => valueText(name, side?.[name], teams, t)).filter(Boolean),
        ] as const,
    )
    .filter(([, values]) => values.length > 0)
    .map(([name, values]) =>
      t("audit.pair", { name: isField(name) ? t(`audit.field.${name}`) : name, value: values.join(" → ") }),
    )
    .join(" · ");
}

function valueText(name: string, value: unknown, teams: Teams, t: TFunction): string {
  if (name === "role" && value) return roleText(value, t);
  if (name === "teams" && Array.isArray(value))
    return value.map((id) => teams.get(id) ?? shortId(String(id))).join(", ");
  if (name !== "criteria" || typeof value !== "object" || value === null) return shown(value, t);
  return criteriaText({ ...EVERY_CALL, ...value }, teams, t);
}

function shown(value: unknown, t: TFunction): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "boolean") return t(value ? "list.yes" : "list.no");
  if (Array.isArray(value)) return value.map((each) => shown(each, t)).join(" ");
  return typeof value === "string" ? value : JSON.stringify(value);
}
