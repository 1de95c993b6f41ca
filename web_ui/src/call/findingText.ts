import type { TFunction } from "i18next";
import type { Schemas } from "../api/client";
import { en } from "../i18n/en";

type Code = keyof typeof en.seal.finding;

const isCode = (code: string): code is Code => code in en.seal.finding;

/** What is not as it was sealed; a code that this page does not know keeps the server's word. */
export function findingText(
  { code, file }: Pick<Schemas["FindingInfo"], "code" | "file">,
  t: TFunction,
): string {
  const text = isCode(code) ? t(`seal.finding.${code}`) : code;
  return file ? `${text} (${file})` : text;
}
