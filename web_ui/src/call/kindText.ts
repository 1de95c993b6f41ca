import type { TFunction } from "i18next";
import { en } from "../i18n/en";

type Events = Omit<typeof en.event, "title" | "none" | "jump">;

const isKind = (kind: string): kind is keyof Events & string =>
  kind in en.event && !["title", "none", "jump"].includes(kind);

/** The name of a kind of event; one that this page does not know keeps the server's. */
export function kindText(kind: string, t: TFunction): string {
  return isKind(kind) ? t(`event.${kind}`) : kind;
}

const isCause = (cause: string): cause is keyof typeof en.cause => cause in en.cause;

/** Why audio is missing. */
export function causeText(cause: string, t: TFunction): string {
  return isCause(cause) ? t(`cause.${cause}`) : cause;
}
