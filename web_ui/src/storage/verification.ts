/** The report of a verification, as `earwitness verify` writes it, read with care: reports outlive versions. */

export interface Finding {
  readonly code: string;
  readonly file: string;
  readonly parts: readonly { readonly start: number; readonly end: number }[];
}

export interface CallVerdict {
  readonly call: string;
  readonly target: string;
  readonly state: State;
  readonly findings: readonly Finding[];
}

export interface ChainVerdict {
  readonly chain: string;
  readonly state: State;
  readonly last: number;
  readonly gaps: readonly string[];
}

export interface Verification {
  readonly counts: Readonly<Record<State, number>>;
  readonly calls: readonly CallVerdict[];
  readonly chains: readonly ChainVerdict[];
}

export type State = "intact" | "altered" | "unknown";
export const STATES: readonly State[] = ["intact", "altered", "unknown"];

/** Undefined for a report that is none of a verification. */
export function verificationOf(report: Readonly<Record<string, unknown>>): Verification | undefined {
  if (!STATES.every((state) => typeof report[state] === "number")) return undefined;
  return {
    counts: {
      intact: number(report.intact),
      altered: number(report.altered),
      unknown: number(report.unknown),
    },
    calls: records(report.calls).map((verdict) => ({
      call: text(verdict.call),
      target: text(verdict.target),
      state: state(verdict.state),
      findings: records(verdict.findings).map(finding),
    })),
    chains: records(report.chains).map((verdict) => ({
      chain: text(verdict.chain),
      state: state(verdict.state),
      last: number(verdict.last),
      gaps: pairs(verdict.missing).map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`)),
    })),
  };
}

function finding(found: Record<string, unknown>): Finding {
  const parts = pairs(found.seconds).map(([start, end]) => ({ start, end }));
  // Of the name of a blob its kind is enough: the call stands beside it.
  return { code: text(found.code), file: text(found.file).split(".").slice(1).join("."), parts };
}

function records(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "object" && one !== null) : [];
}

function pairs(value: unknown): [number, number][] {
  return Array.isArray(value) ? value.map((pair) => [number(pair?.[0]), number(pair?.[1])]) : [];
}

const text = (value: unknown) => (typeof value === "string" ? value : "");
const number = (value: unknown) => (typeof value === "number" ? value : 0);
const state = (value: unknown): State => STATES.find((known) => known === value) ?? "unknown";
