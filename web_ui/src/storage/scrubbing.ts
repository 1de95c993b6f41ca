/** The report of copies that were read back, read with care: reports outlive versions. Pure. */

export interface BadCopy {
  readonly call: string;
  readonly target: string;
  readonly file: string;
  readonly condition: "damaged" | "missing";
  /** Null where nobody says. */
  readonly repaired: boolean | null;
}

/** The copies that a scrub names as bad; undefined for a report that is none of a scrub. */
export function badCopies(report: Readonly<Record<string, unknown>>): BadCopy[] | undefined {
  if (typeof report.bad !== "number" || !Array.isArray(report.copies)) return undefined;
  return report.copies.filter(isRecord).map((copy) => ({
    call: text(copy.call),
    target: text(copy.target),
    file: text(copy.file),
    condition: copy.condition === "missing" ? "missing" : "damaged",
    repaired: typeof copy.repaired === "boolean" ? copy.repaired : null,
  }));
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;
const text = (value: unknown) => (typeof value === "string" ? value : "");
