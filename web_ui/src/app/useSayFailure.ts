import { App } from "antd";
import { useTranslation } from "react-i18next";
import { errorText } from "../api/errorText";

/** Says in passing that something did not succeed, and what to do about it. */
export function useSayFailure(): (error: unknown) => void {
  const { t } = useTranslation();
  const { message } = App.useApp();
  return (error) => {
    const { title, hint } = errorText(error, t, new Date());
    void message.error(hint ? t("app.titleAndHint", { title, hint }) : title);
  };
}
