import { useTranslation } from "react-i18next";
import type { Language } from "./language";

/** The language in use; the component is rendered again when it changes. */
export function useLanguage(): Language {
  const { i18n } = useTranslation();
  return i18n.language === "zh" ? "zh" : "en";
}
