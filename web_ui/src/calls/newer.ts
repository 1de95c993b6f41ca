/** How many of the fresh first page are not among the calls shown; `atLeast` when the page holds no known one. */
export interface Newer {
  readonly count: number;
  readonly atLeast: boolean;
}

interface Known {
  readonly id: string;
  readonly start: string;
}

/**
 * Counts calls that came since the list was read. A call that started earlier and ended later appears below
 * newer ones, so ids decide and not the place; calls older than the page shown are not news.
 */
export function countNewer(shown: readonly Known[], fresh: readonly Known[]): Newer {
  const known = new Set(shown.map(({ id }) => id));
  const oldest = shown.at(-1)?.start ?? "";
  const count = fresh.filter(({ id, start }) => !known.has(id) && start >= oldest).length;
  return { count, atLeast: count > 0 && count === fresh.length && shown.length > 0 };
}
