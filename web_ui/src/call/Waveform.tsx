import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { CallDetail } from "../api/client";
import { clockTenths, shortSeconds } from "../format/time";
import { drawnGaps } from "./gaps";
import { causeText, kindText } from "./kindText";
import type { Loop } from "./loop";
import { type Mark, marksOnWave } from "./marks";
import { flatWave, type Wave } from "./peaks";
import type { Playback } from "./playback";
import { WaveView } from "./waveView";

interface Props {
  wave: Wave | undefined;
  noPeaks: boolean;
  call: CallDetail;
  marks: readonly Mark[];
  playback: Playback;
  loop: Loop;
  zoom: number;
  onZoom: (step: 1 | -1) => void;
  onWidth: (width: number) => void;
}

/** The drawn recording: a line for each party, what happened, what is missing, and where the playback is. */
export function Waveform({ wave, noPeaks, call, marks, playback, loop, zoom, onZoom, onWidth }: Props) {
  const { t } = useTranslation();
  const place = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<WaveView>();
  const { seconds } = playback;
  const channels = call.recording?.channels ?? 1;
  const drawn = useMemo(
    () => wave ?? (noPeaks ? flatWave(channels, seconds) : undefined),
    [wave, noPeaks, channels, seconds],
  );

  useEffect(() => {
    if (!place.current || !drawn) return;
    const made = new WaveView(place.current, playback, drawn, { onReady: () => setView(made), onWidth });
    return () => {
      setView(undefined);
      made.dispose();
    };
  }, [drawn, playback, onWidth]);

  useEffect(() => view?.zoom(zoom), [view, zoom]);
  useEffect(() => view?.showLoop(loop), [view, loop]);
  useEffect(() => {
    const gaps = drawnGaps(call.gaps, seconds / 500);
    view?.showGaps(gaps, ({ side, cause, seconds: missing }) =>
      t("player.gap", { side, seconds: shortSeconds(missing), cause: causeText(cause, t) }),
    );
  }, [view, call.gaps, seconds, t]);
  useEffect(() => {
    view?.showMarks(marksOnWave(marks, seconds), ({ kind, note, time }) =>
      `${kindText(kind, t)} ${note} ${clockTenths(Math.max(0, time))}`.replace(/ +/g, " "),
    );
  }, [view, marks, seconds, t]);

  useWheelZoom(place, onZoom);
  usePositionText(place, playback);
  return (
    <div
      ref={place}
      className="wave"
      role="slider"
      tabIndex={0}
      data-page-keys="true"
      aria-label={t("player.position")}
      aria-valuemin={0}
      aria-valuemax={Math.round(seconds)}
      aria-valuenow={0}
      aria-busy={!view}
    />
  );
}

/** Ctrl and wheel zoom, as in every editor; the wheel alone scrolls the page. */
function useWheelZoom(place: React.RefObject<HTMLDivElement | null>, onZoom: (step: 1 | -1) => void) {
  const latest = useRef(onZoom);
  useEffect(() => {
    latest.current = onZoom;
  });
  useEffect(() => {
    const element = place.current;
    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey || event.deltaY === 0) return;
      event.preventDefault();
      latest.current(event.deltaY < 0 ? 1 : -1);
    };
    element?.addEventListener("wheel", onWheel, { passive: false });
    return () => element?.removeEventListener("wheel", onWheel);
  }, [place]);
}

/** Tells screen readers the place, once a second and not with every frame. */
function usePositionText(place: React.RefObject<HTMLDivElement | null>, playback: Playback) {
  useEffect(() => {
    let last = -1;
    return playback.onTick((time) => {
      if (Math.floor(time) === last) return;
      last = Math.floor(time);
      place.current?.setAttribute("aria-valuenow", String(last));
      place.current?.setAttribute("aria-valuetext", clockTenths(time));
    });
  }, [place, playback]);
}
