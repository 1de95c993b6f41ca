import { useTranslation } from "react-i18next";
import type { CallDetail } from "../api/client";
import { fileSize } from "../format/size";

/** In place of the player: that there is nothing to hear, and why. */
export function NoRecording({ call }: { call: CallDetail }) {
  const { t } = useTranslation();
  const status = call.legs.find((leg) => leg.cause)?.cause;
  const cause = status ? ` (SIP ${status})` : "";
  const isEncrypted = call.gaps.some((gap) => gap.cause === "encrypted");
  return (
    <section className="card nothing">
      <h2>{t("nothing.title")}</h2>
      {isEncrypted ? (
        <>
          <p>{t("nothing.encrypted")}</p>
          <p>
            {call.encrypted
              ? t("nothing.kept", { size: fileSize(call.encrypted.bytes) })
              : t("nothing.notKept")}
          </p>
        </>
      ) : (
        <p>{t(`nothing.${call.state}`, { cause })}</p>
      )}
    </section>
  );
}
