/** Speeds of playback that the menu offers; keys step through them. */
export const RATES: readonly number[] = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3, 4];

/** The offered speed that is nearest. */
export function nearestRate(rate: number): number {
  return RATES.reduce(
    (best, one) => (Math.abs(one - rate) < Math.abs(best - rate) ? one : best),
    RATES[0] ?? 1,
  );
}

/** The next faster (`1`) or slower (`-1`) speed; the ends stay. */
export function stepRate(rate: number, direction: 1 | -1): number {
  const index = RATES.indexOf(nearestRate(rate));
  return RATES[index + direction] ?? nearestRate(rate);
}
