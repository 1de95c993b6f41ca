/** How a run ended, and what it found that somebody has to look at. Pure. */
import type { TFunction } from "i18next";
import type { Schemas } from "../api/client";
import { isOpen, type Run, type Target, workAt } from "./progress";

export type Finding = Schemas["RunFinding"];

/** Which words and which colour the state of a run has: one that is done is so without findings only. */
export type Outcome = Run["state"] | "stopping" | "findings" | "restored" | "grave";

export function outcomeOf(run: Run): Outcome {
  if (run.state === "running" && run.stop_asked_by) return "stopping";
  if (run.state !== "done" || run.findings.length === 0) return run.state;
  if (run.findings.some(({ grave }) => grave)) return "grave";
  return run.findings.every(({ code }) => code === "copies-restored") ? "restored" : "findings";
}

/** `2 calls altered`. */
export function findingText({ code, count }: Finding, t: TFunction, language: string): string {
  return t(`run.finding.${code}`, { count, shown: count.toLocaleString(language) });
}

/** What the server says of a run; nothing where the findings say the same in the reader's language. */
export function messageOf(run: Run): string {
  const counted = run.kind === "verify" && (run.state === "done" || run.state === "stopped");
  return counted ? "" : run.message;
}

/** Whether it is a whole verification that found every call intact. */
export function isAllIntact(run: Run): boolean {
  return run.kind === "verify" && run.state === "done" && run.findings.length === 0 && run.done > 0;
}

/** Which kinds of work say nothing else where there was nothing to do. */
type Idle = "backup" | "scrub" | "verify";

/** The work of a run that ended well and had nothing to do, which is not the same as work that was done. */
export function idleOf({ kind, state, done, findings, message }: Run): Idle | undefined {
  const isQuiet = state === "done" && done === 0 && findings.length === 0;
  if (!isQuiet || (message && kind !== "verify")) return undefined;
  return kind === "backup" || kind === "scrub" || kind === "verify" ? kind : undefined;
}

/**
 * What asks for the same work once more: of a run that did not come to its end, and after which nothing of the kind
 * was begun at the target.
 */
export function again(
  run: Run,
  runs: readonly Run[],
  targets: readonly Target[],
): Schemas["RunAsked"] | undefined {
  if (isOpen(run) || run.state === "done") return undefined;
  const target = targets.find(({ name }) => name === run.target);
  const kind = target && workAt(target).find((known) => known === run.kind);
  const isLater = (other: Run) =>
    other.kind === run.kind && other.target === run.target && other.started > run.started;
  return kind && !runs.some(isLater) ? { kind, target: run.target } : undefined;
}
