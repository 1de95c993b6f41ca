import type { TFunction } from "i18next";
import { en } from "../i18n/en";

type Name = keyof typeof en.report;

const isName = (name: string): name is Name => name in en.report;

/** What a value of a report is; the server's word for one that this page does not know. */
export function reportName(name: string, t: TFunction): string {
  return isName(name) ? t(`report.${name}`) : name;
}

/** Yes and no in words, everything else as it is. */
export function reportValue(value: string, t: TFunction): string {
  if (value === "true") return t("list.yes");
  return value === "false" ? t("list.no") : value;
}
