import { App } from "antd";
import { useTranslation } from "react-i18next";
import { useErrorText } from "./useErrorText";

/** Says in passing that something did not succeed, and what to do about it. */
export function useSayFailure(): (error: unknown) => void {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { message } = App.useApp();
  return (error) => {
    const { title, hint } = errorText(error);
    void message.error(hint ? t("app.titleAndHint", { title, hint }) : title);
  };
}
