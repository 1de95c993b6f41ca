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
      kind: kindOf(event),
      at: event.at,
      time: secondsBetween(origin, event.at),
      side: event.side ?? null,
      note: noteOf(event),
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

type Happened = CallDetail["events"][number];

const REQUEST_TERMINATED = 487;

/** What happened, more closely than the event's own kind says where its detail tells. */
function kindOf({ kind, detail }: Pick<Happened, "kind" | "detail">): string {
  // The caller hung up and the callee confirms it (RFC 3261, 9.2): nobody rejected anything.
  if (kind === "rejected" && detail?.status === REQUEST_TERMINATED) return "terminated";
  if (kind === "transfer" && detail?.attended === true) return "transfer-attended";
  return kind;
}

const NOTE_KEYS = ["number", "at", "digit", "digits", "key", "cause", "status", "reason", "codec"];

function noteOf({ kind, detail }: Pick<Happened, "kind" | "detail">): string {
  const keys = kindOf({ kind, detail }) === "terminated" ? ["status"] : NOTE_KEYS;
  const told = keys
    .map((key) => detail?.[key])
    .filter((value) => typeof value === "string" || typeof value === "number");
  const { q850, text, to } = detail ?? {};
  if (typeof q850 === "number") told.push(`Q.850 ${q850}`);
  // Many send the words of the status once more as the text of its cause.
  if (typeof text === "string" && text && !told.includes(text)) told.push(text);
  if (typeof to === "string" && to) told.push(`→ ${to}`);
  return told.join(" ");
}
