/** The report of a run as rows to be read, whatever kind of run made it. Pure. */

export interface ReportRow {
  /** `damaged.calls`; the words of the server, with dots between levels. */
  readonly name: string;
  readonly value: string;
}

const MOST_ROWS = 200;

/** One row for each value, nested ones under `outer.inner`; lists of plain values on one row. */
export function reportRows(report: Readonly<Record<string, unknown>>): ReportRow[] {
  return [...rows("", report)].slice(0, MOST_ROWS);
}

function* rows(name: string, value: unknown): Generator<ReportRow> {
  if (Array.isArray(value)) {
    if (value.every(isPlain)) yield { name, value: value.map(shown).join(", ") || "–" };
    else for (const [at, inner] of value.entries()) yield* rows(`${name} ${at + 1}`, inner);
  } else if (isPlain(value)) {
    yield { name, value: shown(value) };
  } else {
    for (const [key, inner] of Object.entries(value ?? {})) yield* rows(name ? `${name}.${key}` : key, inner);
  }
}

function isPlain(value: unknown): value is string | number | boolean | null {
  return value === null || typeof value !== "object";
}

function shown(value: string | number | boolean | null): string {
  return value === null ? "–" : String(value);
}
