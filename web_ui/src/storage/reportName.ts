import type { TFunction } from "i18next";
import { fileSize } from "../format/size";
import { stamp } from "../format/time";
import { en } from "../i18n/en";

type Name = keyof typeof en.report;

const isName = (name: string): name is Name => name in en.report;

/** What a value of a report is; the server's word for one that this page does not know. */
export function reportName(name: string, t: TFunction): string {
  return isName(name) ? t(`report.${name}`) : name;
}

/** Yes and no in words, sizes and times as everywhere, everything else as it is. */
export function reportValue(name: string, value: string, t: TFunction): string {
  if (value === "true") return t("list.yes");
  if (value === "false") return t("list.no");
  if (name === "bytes" && /^\d+$/.test(value)) return fileSize(Number(value));
  return /^\d{4}-\d\d-\d\dT/.test(value) ? stamp(value) : value;
}
