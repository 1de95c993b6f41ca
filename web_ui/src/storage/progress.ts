/** How far work is and how full a disk is. Pure. */
import type { Schemas } from "../api/client";
import { fileSize } from "../format/size";

export type Run = Schemas["RunInfo"];
export type Target = Schemas["TargetInfo"];

/** Whole percent of `total`, cut and not rounded: 100 only when nothing is left. Null where nobody knows. */
export function percent(done: number, total: number | null): number | null {
  if (total === null) return null;
  return total === 0 ? 100 : Math.min(100, Math.floor((done / total) * 100));
}

/** Whether the run has not ended yet. */
export function isOpen(run: Run): boolean {
  return run.state === "running" || run.state === "asked";
}

/** `2.0 MB/s`. */
export function rateText(bytesPerSecond: number): string {
  return `${fileSize(Math.round(bytesPerSecond))}/s`;
}

/** Seconds that a run has taken, until `now` for one that works still. */
export function runSeconds(run: Run, now: Date): number {
  const end = run.ended ? Date.parse(run.ended) : now.getTime();
  return Math.max(0, (end - Date.parse(run.started)) / 1000);
}

/** Whether calls are copied there, by themselves or by hand: not to where they come in, or came in before. */
export function takesCopies(target: Target): boolean {
  return target.role === "copy" || target.role === "export";
}

/** What the server calls the archive folder of its machine. */
const ARCHIVE_FOLDER = "local";

/** What work can be asked for at a target: nothing is copied to where calls come in, or by itself to exports. */
export function workAt(target: Target): Schemas["RunAsked"]["kind"][] {
  const copies = target.role === "copy";
  const elsewhere = copies || (target.role === "primary" && target.name !== ARCHIVE_FOLDER);
  return [
    ...(copies ? (["backup"] as const) : []),
    "scrub",
    "verify",
    ...(elsewhere && !target.write_once ? (["snapshot"] as const) : []),
  ];
}

/** How fast a run works, and how long it takes still. `secondsLeft` is null where nobody knows how much there is. */
export interface Pace {
  readonly bytesPerSecond: number;
  /** What the run counts, as text with one decimal where that says more. */
  readonly perSecond: string;
  readonly secondsLeft: number | null;
}

const SECONDS_TO_TELL = 3;

/** The pace of a run from its begin to its last sign of life; undefined as long as it is too early to tell. */
export function paceOf(run: Run): Pace | undefined {
  const seconds = (Date.parse(run.seen) - Date.parse(run.started)) / 1000;
  if (run.state !== "running" || seconds < SECONDS_TO_TELL || run.done === 0) return undefined;
  const perSecond = run.done / seconds;
  return {
    bytesPerSecond: run.bytes / seconds,
    perSecond: perSecond < 10 ? perSecond.toFixed(1) : String(Math.round(perSecond)),
    secondsLeft: run.total === null ? null : Math.max(0, run.total - run.done) / perSecond,
  };
}

/** The kinds of runs, in the order in which they are offered. */
export const RUN_KINDS: readonly Run["kind"][] = [
  "backup",
  "snapshot",
  "verify",
  "scrub",
  "retention",
  "rewrap",
];
