import { useTranslation } from "react-i18next";
import type { CallDetail } from "../api/client";
import { fileSize } from "../format/size";

/** In place of the player: that there is nothing to hear, and why. */
export function NoRecording({ call }: { call: CallDetail }) {
  const { t } = useTranslation();
  const status = call.legs.find((leg) => leg.cause)?.cause;
  const cause = status ? ` (SIP ${status})` : "";
  const causes = new Set(call.gaps.map((gap) => gap.cause));
  const closed = (["encrypted", "codec"] as const).find((cause) => causes.has(cause));
  const codecs = call.codecs.join(" ");
  return (
    <section className="card nothing">
      <h2>{t("nothing.title")}</h2>
      {closed ? (
        <>
          <p>{t(`nothing.${closed}`, { codecs })}</p>
          <p>
            {call.encrypted
              ? t(`nothing.kept-${closed}`, { size: fileSize(call.encrypted.bytes) })
              : t("nothing.notKept")}
          </p>
        </>
      ) : (
        <p>{t(`nothing.${call.state}`, { cause })}</p>
      )}
    </section>
  );
}
