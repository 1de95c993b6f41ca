/** How many calls a page of the list may have. */
export const ROWS: readonly number[] = [25, 50, 100, 200];

export const DEFAULT_ROWS = 50;

export const isRows = (value: unknown): value is number => typeof value === "number" && ROWS.includes(value);
