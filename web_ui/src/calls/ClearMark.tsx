import { CloseCircleFilled } from "@ant-design/icons";
import { useTranslation } from "react-i18next";

/** The mark that empties a field, named for who cannot see it. */
export function ClearMark() {
  const { t } = useTranslation();
  return <CloseCircleFilled aria-label={t("filter.empty")} />;
}
