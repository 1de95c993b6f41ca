import { useLanguage } from "../i18n/useLanguage";
import { localTimes } from "./localTimes";
import { translator } from "./reason";
import reasonsZh from "./reasons.zh.json";

/** More reasons than any page shows at once. */
const MOST = 500;
const translated = translator(reasonsZh);
const seen = new Map<string, string>();

function inChinese(reason: string): string {
  const known = seen.get(reason);
  if (known !== undefined) return known;
  if (seen.size >= MOST) seen.clear();
  const text = localTimes(translated(reason));
  seen.set(reason, text);
  return text;
}

const asSaid = (reason: string) => localTimes(reason);

/** Translates what the server says into the language of the page, its times into the zone of the page. */
export function useReason(): (reason: string) => string {
  return useLanguage() === "zh" ? inChinese : asSaid;
}
