import type { TFunction } from "i18next";
import { en } from "../i18n/en";

type Kind = keyof typeof en.admin.part;

const isKind = (kind: string | undefined): kind is Kind => kind !== undefined && kind in en.admin.part;

/** What a part of the server does, by its name (`finish-1`, `capture-eth0`); "" for one unknown here. */
export function partText(name: string, t: TFunction): string {
  const kind = /^[a-z]+/.exec(name)?.[0];
  return isKind(kind) ? t(`admin.part.${kind}`) : "";
}
