import { useTranslation } from "react-i18next";
import { clockTenths, signedTenths, timeOfDay } from "../format/time";
import { keepFocus } from "../keyboard/keepFocus";
import { kindText } from "./kindText";
import { type Mark, seekTime } from "./marks";
import { SideMark } from "./PartyName";
import type { Playback } from "./playback";

interface Props {
  marks: readonly Mark[];
  /** Length of the recording; undefined where there is none. */
  seconds: number | undefined;
  playback: Playback | undefined;
}

/** What happened in the call, in order; a click plays from there. */
export function EventList({ marks, seconds, playback }: Props) {
  const { t } = useTranslation();
  return (
    <section className="card" aria-labelledby="events">
      <h2 id="events">{t("event.title")}</h2>
      {marks.length === 0 && <p className="muted">{t("event.none")}</p>}
      <ol className="events">
        {marks.map((mark) => (
          <li key={`${mark.at} ${mark.kind} ${mark.side} ${mark.note}`}>
            <button
              type="button"
              disabled={!playback || seconds === undefined}
              title={playback ? t("event.jump", { time: clockTenths(Math.max(0, mark.time)) }) : undefined}
              onMouseDown={keepFocus}
              onClick={() => playback?.seek(seekTime(mark, seconds ?? 0))}
            >
              <span className="event-offset">{signedTenths(mark.time)}</span>
              <span className="event-time muted">{timeOfDay(mark.at)}</span>
              <span className="event-side">{mark.side && <SideMark side={mark.side} />}</span>
              <span>
                {kindText(mark.kind, t)} {mark.note && <span className="event-note">{mark.note}</span>}
              </span>
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}
