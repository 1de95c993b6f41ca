import type { CallDetail, Side } from "../api/client";
import { secondsBetween } from "../format/time";

/** Something of the call on the time line. */
export interface Mark {
  readonly kind: string;
  /** RFC 3339. */
  readonly at: string;
  /** Seconds from the start of the recording; negative before it. */
  readonly time: number;
  readonly side: Side | null;
  /** What to show beside the kind: the keys pressed, the cause. */
  readonly note: string;
}

/** The events of a call in time order, placed against its recording, or its start where there is none. */
export function marksOf(call: Pick<CallDetail, "events" | "recording" | "start">): Mark[] {
  const origin = call.recording?.start ?? call.start;
  return call.events
    .map((event) => ({
      kind: event.kind,
      at: event.at,
      time: secondsBetween(origin, event.at),
      side: event.side ?? null,
      note: noteOf(event.detail),
    }))
    .sort((one, other) => one.time - other.time);
}

/** The marks that fall on the waveform, or so near to it that they belong there; ringing comes long before. */
export function marksOnWave(marks: readonly Mark[], seconds: number): Mark[] {
  return marks.filter(({ time }) => time >= -0.5 && time <= seconds + 1);
}

/** Where the player goes for a mark: within the recording, always. */
export function seekTime(mark: Mark, seconds: number): number {
  return Math.min(Math.max(0, mark.time), Math.max(0, seconds));
}

const NOTE_KEYS = ["digit", "digits", "key", "cause", "status", "reason", "to", "codec"];

function noteOf(detail: Readonly<Record<string, unknown>> | undefined): string {
  return NOTE_KEYS.map((key) => detail?.[key])
    .filter((value) => typeof value === "string" || typeof value === "number")
    .join(" ");
}
