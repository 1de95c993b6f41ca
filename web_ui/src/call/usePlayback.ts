import { useEffect, useState, useSyncExternalStore } from "react";
import { audioUrl, type CallDetail } from "../api/client";
import { recall, remember } from "../settings/remembered";
import { EVEN_MIX } from "./mixer";
import { Playback, type PlaybackState } from "./playback";

interface Habits {
  readonly rate: number;
  readonly bothEars: boolean;
  readonly skipSilence: boolean;
}

const NO_HABITS: Habits = { rate: 1, bothEars: false, skipSilence: false };

function isHabits(value: unknown): value is Habits {
  if (typeof value !== "object" || value === null) return false;
  const { rate, bothEars, skipSilence } = value as Record<string, unknown>;
  return typeof rate === "number" && typeof bothEars === "boolean" && typeof skipSilence === "boolean";
}

/** The playback of a call's recording for as long as the page shows it; undefined where there is none. */
export function usePlayback(call: CallDetail): Playback | undefined {
  const [playback, setPlayback] = useState<Playback>();
  const { id, recording } = call;
  const seconds = recording?.seconds;
  const channels = recording?.channels ?? 0;
  useEffect(() => {
    if (seconds === undefined) return;
    const { bothEars, ...habits } = recall("player", isHabits, NO_HABITS);
    // One channel holds everybody: it belongs in both ears.
    const mix = { ...EVEN_MIX, bothEars: bothEars || channels < 2 };
    const made = new Playback(audioUrl(id), seconds, { ...habits, mix });
    made.onChange(() => {
      const { rate, skipSilence, mix: chosen } = made.state;
      remember("player", { rate, skipSilence, bothEars: channels < 2 ? bothEars : chosen.bothEars });
    });
    setPlayback(made);
    return () => {
      made.dispose();
      setPlayback(undefined);
    };
  }, [id, seconds, channels]);
  return playback;
}

export function usePlaybackState(playback: Playback): PlaybackState {
  return useSyncExternalStore(playback.onChange, () => playback.state);
}
