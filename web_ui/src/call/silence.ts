import { levelAt, type Wave } from "./peaks";

/** A stretch of the recording, seconds from its start. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Under this both parties are silent: −36 dB of full scale, above line noise and below quiet speech. */
const THRESHOLD = 2 / 128;
/** Shorter pauses belong to speech. */
const SHORTEST = 2;
/** Left at both ends of a skipped stretch, so that no first sound is cut. */
const MARGIN = 0.3;

/** The stretches in which nobody is heard, in order, that a listener may skip. */
export function silences(wave: Wave): Span[] {
  const pixels = (wave.channels[0]?.length ?? 0) / 2;
  const found: Span[] = [];
  let start = -1;
  for (let pixel = 0; pixel <= pixels; pixel += 1) {
    const quiet = pixel < pixels && wave.channels.every((channel) => levelAt(channel, pixel) <= THRESHOLD);
    if (quiet && start < 0) start = pixel;
    if (quiet || start < 0) continue;
    const span = { start: start / wave.pixelsPerSecond, end: pixel / wave.pixelsPerSecond };
    if (span.end - span.start >= SHORTEST) found.push({ start: span.start + MARGIN, end: span.end - MARGIN });
    start = -1;
  }
  return found;
}

/** Where to go on from `time`: the end of the silence around it, or undefined where somebody is heard. */
export function afterSilence(spans: readonly Span[], time: number): number | undefined {
  return spans.find(({ start, end }) => time >= start && time < end - 0.05)?.end;
}
