import { useTranslation } from "react-i18next";

/** Stands at once where a page is on its way, so that nobody looks at nothing. */
export function Waiting() {
  const { t } = useTranslation();
  return (
    <div className="waiting" role="status">
      <span className="visually-hidden">{t("app.loading")}</span>
    </div>
  );
}
