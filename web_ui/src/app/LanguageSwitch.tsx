import { Segmented } from "antd";
import { useTranslation } from "react-i18next";
import { chooseLanguage, LANGUAGE_NAMES, LANGUAGES, type Language } from "../i18n/language";
import { useLanguage } from "../i18n/useLanguage";

export function LanguageSwitch() {
  const { t } = useTranslation();
  const language = useLanguage();
  return (
    <Segmented<Language>
      aria-label={t("app.language")}
      value={language}
      onChange={chooseLanguage}
      options={LANGUAGES.map((value) => ({
        value,
        label: <span lang={value === "zh" ? "zh-CN" : "en"}>{LANGUAGE_NAMES[value]}</span>,
      }))}
    />
  );
}
