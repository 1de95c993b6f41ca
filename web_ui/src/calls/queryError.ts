import { ApiError } from "../api/error";

/** The filters that are written and can be written wrong. */
export type WrittenFilter = "q" | "number";

/** Where a written filter is wrong, cut into the text before, the part meant, and the text after. */
export interface QueryFault {
  readonly field: WrittenFilter;
  readonly before: string;
  readonly wrong: string;
  readonly after: string;
  /** Stable name of what is wrong, in camel case; empty where the server gives none. */
  readonly reason: string;
  readonly values: Readonly<Record<string, string>>;
  /** What the server says, in English, for reasons that this page does not know. */
  readonly detail: string;
  /** The whole text with the suggestion in place of the wrong part. */
  readonly corrected: string | undefined;
}

/** The fault that an error tells of, or undefined where the error is of another kind. */
export function queryFault(
  error: unknown,
  written: Readonly<Record<WrittenFilter, string>>,
): QueryFault | undefined {
  if (!(error instanceof ApiError) || error.code !== "query-syntax") return undefined;
  const { position, length, suggestion, reason, source, values } = error.parameters;
  const field = source === "number" ? "number" : "q";
  // The server counts characters; JavaScript's strings count UTF-16 units.
  const characters = Array.from(written[field]);
  const start = Math.min(asCount(position), characters.length);
  const end = Math.min(start + asCount(length), characters.length);
  const before = characters.slice(0, start).join("");
  const after = characters.slice(end).join("");
  return {
    field,
    before,
    wrong: characters.slice(start, end).join(""),
    after,
    reason:
      typeof reason === "string" ? reason.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()) : "",
    values: asTexts(values),
    detail: error.detail,
    corrected: typeof suggestion === "string" && suggestion ? before + suggestion + after : undefined,
  };
}

function asCount(value: unknown): number {
  return typeof value === "number" && value > 0 ? Math.floor(value) : 0;
}

function asTexts(values: unknown): Record<string, string> {
  const entries = typeof values === "object" && values !== null ? Object.entries(values) : [];
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}
