/** How a run ended, and what it found that somebody has to look at. Pure. */
import type { TFunction } from "i18next";
import type { Schemas } from "../api/client";
import type { Run } from "./progress";

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
