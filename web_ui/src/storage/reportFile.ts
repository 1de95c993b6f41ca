/** The report of a run as a file that is handed on: whose it is, what was counted, and each call or copy. Pure. */
import type { TFunction } from "i18next";
import { findingText } from "../call/findingText";
import { clock, stamp, zoneName } from "../format/time";
import { csv } from "./csv";
import { outcomeOf } from "./outcome";
import type { Run } from "./progress";
import type { BadCopy } from "./scrubbing";
import { STATES, type Verification } from "./verification";

type Row = readonly (string | number)[];

/** `verify-nas-2026-11-22.csv`. */
export function reportFileName({ kind, target, started }: Run): string {
  return `${[kind, target, stamp(started).replace(/\D+/g, "-")].filter(Boolean).join("-")}.csv`;
}

export function verificationFile(run: Run, found: Verification, t: TFunction): string {
  const gaps = found.chains.filter(({ state }) => state !== "intact");
  const chains: Row[] = gaps.map(({ chain, gaps: missing }) => [
    t("seal.chainBroken", { chain, missing: missing.join(", ") || "–" }),
  ]);
  if (found.chains.length > 0 && gaps.length === 0) chains.push([t("seal.chainsHold")]);
  return csv([
    ...head(run, t),
    ...STATES.map((state): Row => [t(`seal.${state}`), found.counts[state]]),
    ...chains,
    [],
    [t("compliance.calls"), t("storage.target"), t("storage.state"), t("run.report")],
    ...found.calls.map(({ call, target, state, findings }): Row => {
      const said = findings.map((finding) => {
        const parts = finding.parts.map(({ start, end }) => `${clock(start)}–${clock(end)}`);
        return [findingText(finding, t), ...parts].join(" ");
      });
      return [call, target, t(`seal.${state}`), said.join("; ")];
    }),
  ]);
}

export function badCopiesFile(run: Run, copies: readonly BadCopy[], t: TFunction): string {
  return csv([
    ...head(run, t),
    [t("report.bad"), copies.length],
    [],
    [t("compliance.calls"), t("storage.target"), t("report.name"), t("storage.state"), t("report.repaired")],
    ...copies.map(({ call, target, file, condition, repaired }): Row => {
      const became = repaired === null ? "" : t(repaired ? "run.repaired" : "run.notRepaired");
      return [call, target, file, t(`kept.${condition}`), became];
    }),
  ]);
}

function head(run: Run, t: TFunction): Row[] {
  return [
    [t("run.kind"), t(`run.${run.kind}`)],
    [t("storage.target"), run.target || t("run.allTargets")],
    [t("storage.state"), t(`run.is.${outcomeOf(run)}`)],
    [t("run.started"), stamp(run.started), zoneName()],
    [t("run.ended"), run.ended ? stamp(run.ended) : "–", zoneName()],
    [t("run.by"), run.asked_by || t("run.byItself")],
    [t("run.progress"), run.done],
  ];
}
