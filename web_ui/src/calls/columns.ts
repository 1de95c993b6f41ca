/** The columns of the list: their order, width, and which a user sees. */

export const COLUMNS = [
  { key: "start", width: 158 },
  { key: "direction", width: 106 },
  { key: "from", width: 172 },
  { key: "to", width: 172 },
  { key: "agent", width: 150 },
  { key: "duration", width: 84 },
  { key: "state", width: 104 },
  { key: "waited", width: 84 },
  { key: "codecs", width: 100 },
  { key: "recording", width: 116 },
  { key: "tags", width: 140 },
  { key: "released", width: 90 },
  { key: "end", width: 158 },
] as const;

export type ColumnKey = (typeof COLUMNS)[number]["key"];

export const DEFAULT_COLUMNS: readonly ColumnKey[] = [
  "start",
  "direction",
  "from",
  "to",
  "agent",
  "duration",
  "state",
  "codecs",
  "recording",
];

/** The start is what rows are known by: it cannot be taken away. */
export const FIXED_COLUMN: ColumnKey = "start";

/** The chosen columns in the order of the table; what is stored may come from another version. */
export function chosenColumns(stored: readonly string[]): ColumnKey[] {
  return COLUMNS.map(({ key }) => key).filter((key) => key === FIXED_COLUMN || stored.includes(key));
}

/** The choice with one column shown or hidden. */
export function toggleColumn(stored: readonly string[], key: ColumnKey): ColumnKey[] {
  return chosenColumns(stored.includes(key) ? stored.filter((other) => other !== key) : [...stored, key]);
}
