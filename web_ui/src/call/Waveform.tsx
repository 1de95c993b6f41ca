import { type RefObject, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { CallDetail } from "../api/client";
import { clockTenths, shortSeconds } from "../format/time";
import { drawnGaps } from "./gaps";
import { causeText, kindText } from "./kindText";
import type { Loop } from "./loop";
import { type Mark, marksOnWave } from "./marks";
import { flatWave, type Wave } from "./peaks";
import type { Playback } from "./playback";
import type { Zoom } from "./useZoom";
import { WaveView } from "./waveView";

interface Props {
  wave: Wave | undefined;
  noPeaks: boolean;
  call: CallDetail;
  marks: readonly Mark[];
  playback: Playback;
  loop: Loop;
  zoom: Zoom;
}

/** The drawn recording: a line for each party, what happened, what is missing, and where the playback is. */
export function Waveform(props: Props) {
  const { t } = useTranslation();
  const { playback, zoom } = props;
  const place = useRef<HTMLDivElement>(null);
  const view = useWaveView(place, props);
  useOverlays(view, props);
  useWheelZoom(place, zoom.step);
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
      aria-valuemax={Math.round(playback.seconds)}
      aria-valuenow={0}
      aria-busy={!view}
    />
  );
}

type Place = RefObject<HTMLDivElement | null>;

/** The drawing, once there is something to draw and a place for it. */
function useWaveView(place: Place, { wave, noPeaks, call, playback, zoom }: Props): WaveView | undefined {
  const [view, setView] = useState<WaveView>();
  const channels = call.recording?.channels ?? 1;
  const { setWidth } = zoom;
  const drawn = useMemo(
    () => wave ?? (noPeaks ? flatWave(channels, playback.seconds) : undefined),
    [wave, noPeaks, channels, playback],
  );
  useEffect(() => {
    if (!place.current || !drawn) return;
    const made = new WaveView(place.current, playback, drawn, {
      onReady: () => setView(made),
      onWidth: setWidth,
    });
    return () => {
      setView(undefined);
      made.dispose();
    };
  }, [place, drawn, playback, setWidth]);
  return view;
}

/** What lies over the waveform, in the language of the page. */
function useOverlays(view: WaveView | undefined, { call, marks, playback, loop, zoom }: Props): void {
  const { t } = useTranslation();
  const { seconds } = playback;
  const { level, pixelsPerSecond } = zoom;
  useEffect(() => view?.zoom(level), [view, level]);
  useEffect(() => view?.showLoop(loop), [view, loop]);
  useEffect(() => {
    view?.showGaps(drawnGaps(call.gaps, 2 / pixelsPerSecond), ({ side, cause, seconds: missing }) =>
      t("player.gap", { side, seconds: shortSeconds(missing), cause: causeText(cause, t) }),
    );
  }, [view, call.gaps, pixelsPerSecond, t]);
  useEffect(() => {
    view?.showMarks(marksOnWave(marks, seconds), ({ kind, note, time }) =>
      [kindText(kind, t), note, clockTenths(Math.max(0, time))].filter(Boolean).join(" "),
    );
  }, [view, marks, seconds, t]);
}

/** Ctrl and wheel zoom, as in every editor; the wheel alone scrolls the page. */
function useWheelZoom(place: Place, onZoom: (step: 1 | -1) => void) {
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
function usePositionText(place: Place, playback: Playback) {
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
