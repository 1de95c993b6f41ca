import { useTranslation } from "react-i18next";
import type { CallDetail } from "../api/client";

/** In place of the player: that there is nothing to hear, and why. */
export function NoRecording({ call }: { call: CallDetail }) {
  const { t } = useTranslation();
  const status = call.legs.find((leg) => leg.cause)?.cause;
  const cause = status ? ` (SIP ${status})` : "";
  return (
    <section className="card nothing">
      <h2>{t("nothing.title")}</h2>
      <p>{t(`nothing.${call.state}`, { cause })}</p>
    </section>
  );
}
