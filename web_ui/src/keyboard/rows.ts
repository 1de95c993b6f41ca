/**
 * The row that a step of `by` leads to among `count` rows; −1 where there are none. Pure.
 *
 * `current` is the row with the focus and `last` the one that had it, −1 for none. From one that is no more the
 * step leads to what has come into its place.
 */
export function nextRow(current: number, last: number, by: number, count: number): number {
  if (count === 0) return -1;
  const within = (to: number) => Math.min(Math.max(to, 0), count - 1);
  if (current >= 0) return within(current + by);
  if (last >= 0) return within(by > 0 ? last : last - 1);
  return by > 0 ? 0 : count - 1;
}
