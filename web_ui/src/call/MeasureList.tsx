import { useTranslation } from "react-i18next";
import type { CallDetail } from "../api/client";
import { clock, cutSeconds } from "../format/time";

/** What the audio says about the conversation. */
export function MeasureList({ measures }: { measures: NonNullable<CallDetail["measures"]> }) {
  const { t } = useTranslation();
  const facts = [
    [t("measure.talkA"), measures.talk_a],
    [t("measure.talkB"), measures.talk_b],
    [t("measure.overtalk"), measures.overtalk],
    [t("measure.silence"), measures.silence],
    [t("measure.longest"), measures.longest_silence],
  ] as const;
  return (
    <section className="card" aria-labelledby="measures">
      <h2 id="measures">{t("measure.title")}</h2>
      <dl className="measures">
        {facts.map(([name, seconds]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{seconds < 60 ? `${cutSeconds(seconds)} s` : clock(seconds)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
