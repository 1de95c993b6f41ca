import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { clockTenths } from "../format/time";
import type { Playback } from "./playback";

/** Where the playback is. Written into the page directly: it changes with every frame. */
export function TimeDisplay({ playback, waiting }: { playback: Playback; waiting: boolean }) {
  const { t } = useTranslation();
  const place = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const show = (time: number) => {
      if (place.current) place.current.textContent = clockTenths(time);
    };
    show(playback.time);
    return playback.onTick(show);
  }, [playback]);
  return (
    <span className="player-time" title={waiting ? t("player.buffering") : undefined}>
      <span ref={place} data-testid="time" className={waiting ? "player-waiting" : undefined} />
      <span className="muted"> / {clockTenths(playback.seconds)}</span>
    </span>
  );
}
