import type { Side } from "../api/client";
import { useKeys } from "../keyboard/useKeys";
import type { Playback, PlaybackState } from "./playback";
import { stepRate } from "./rate";

/** The keys of the player. Where one channel holds everybody, those of the parties do nothing. */
export function usePlayerKeys(
  playback: Playback,
  state: PlaybackState,
  stereo: boolean,
  onZoom: (step: 1 | -1) => void,
): void {
  const { mix } = state;
  const mute = (side: Side) => playback.setMix({ ...mix, muted: { ...mix.muted, [side]: !mix.muted[side] } });
  useKeys("call", {
    playPause: () => playback.toggle(),
    back5: () => playback.skip(-5),
    forward5: () => playback.skip(5),
    back15: () => playback.skip(-15),
    forward15: () => playback.skip(15),
    toStart: () => playback.seek(0),
    slower: () => playback.setRate(stepRate(state.rate, -1)),
    faster: () => playback.setRate(stepRate(state.rate, 1)),
    loop: () => playback.pressLoop(),
    skipSilence: () => playback.setSkipSilence(!state.skipSilence),
    zoomIn: () => onZoom(1),
    zoomOut: () => onZoom(-1),
    ...(stereo && {
      muteA: () => mute("A"),
      muteB: () => mute("B"),
      bothEars: () => playback.setMix({ ...mix, bothEars: !mix.bothEars }),
    }),
  });
}
