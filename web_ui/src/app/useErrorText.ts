import { useTranslation } from "react-i18next";
import { type ErrorText, errorText } from "../api/errorText";
import { useReason } from "../reasons/useReason";

/** Says what an error means, in the language of the page also where the server's own words are shown. */
export function useErrorText(): (error: unknown, now?: Date) => ErrorText {
  const { t } = useTranslation();
  const said = useReason();
  return (error, now = new Date()) => {
    const { title, hint } = errorText(error, t, now);
    return { title, hint: said(hint) };
  };
}
