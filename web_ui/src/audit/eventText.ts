import type { TFunction } from "i18next";
import type { Schemas } from "../api/client";
import { en } from "../i18n/en";

type Done = keyof typeof en.audit.does;

const isDone = (action: string): action is Done => action in en.audit.does;

/** What was done; an action that this page does not know keeps the server's word. */
export function actionText(action: string, t: TFunction): string {
  if (isDone(action)) return t(`audit.does.${action}`);
  const tried = action.replace(/\.refused$/, "");
  return isDone(tried) ? t("audit.refused", { what: t(`audit.does.${tried}`) }) : action;
}

/** What an event changed or asked for, `format: wav`; with what it was before, where it says so. */
export function detailText({ before, after }: Pick<Schemas["AuditEvent"], "before" | "after">): string {
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  return [...names]
    .map((name) => [name, [before, after].map((side) => shown(side?.[name])).filter(Boolean)] as const)
    .filter(([, values]) => values.length > 0)
    .map(([name, values]) => `${name}: ${values.join(" → ")}`)
    .join(", ");
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return value.map(shown).join(" ");
  return typeof value === "string" ? value : JSON.stringify(value);
}
