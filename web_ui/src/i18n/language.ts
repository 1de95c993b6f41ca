import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { recall, remember } from "../settings/remembered";
import { en } from "./en";
import { zh } from "./zh";

export const LANGUAGES = ["en", "zh"] as const;
export type Language = (typeof LANGUAGES)[number];

/** Each language in its own words: who looks for it may not read the other. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: "English", zh: "中文" };

const isLanguage = (value: unknown): value is Language => LANGUAGES.some((language) => language === value);

/** The language that a visitor without a choice gets, from the browser's preferences. */
export function preferred(wishes: readonly string[]): Language {
  for (const wish of wishes) {
    const primary = wish.toLowerCase().split("-")[0];
    if (isLanguage(primary)) return primary;
  }
  return "en";
}

/** Sets the texts up; call once before anything is rendered. */
export async function startLanguage(): Promise<void> {
  const language = recall("language", isLanguage, preferred(navigator.languages));
  await i18next.use(initReactI18next).init({
    resources: { en: { translation: en }, zh: { translation: zh } },
    lng: language,
    fallbackLng: "en",
    interpolation: { escapeValue: false },
    showSupportNotice: false,
  });
  announce(language);
}

/** Switches every text at once and remembers it. */
export function chooseLanguage(language: Language): void {
  remember("language", language);
  announce(language);
  void i18next.changeLanguage(language);
}

// Screen readers choose the voice, and browsers the fonts and line breaks, by this.
function announce(language: Language): void {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
}
