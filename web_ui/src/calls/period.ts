/** Named stretches of time, counted in the user's own days. */

export const PERIODS = ["today", "yesterday", "week"] as const;
export type Period = (typeof PERIODS)[number];

export interface Stretch {
  /** RFC 3339, inclusive. */
  readonly after: string;
  /** RFC 3339, exclusive; left out where the stretch goes on. */
  readonly before?: string;
}

export const isPeriod = (text: string | null): text is Period => PERIODS.some((period) => period === text);

/** The stretch of a period as seen at `now`. `week` is today and the six days before. */
export function stretchOf(period: Period, now: Date): Stretch {
  if (period === "today") return { after: midnight(now, 0) };
  if (period === "yesterday") return { after: midnight(now, -1), before: midnight(now, 0) };
  return { after: midnight(now, -6) };
}

// By calendar and not by 24 hours: days of a clock change are shorter or longer.
function midnight(now: Date, days: number): string {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days).toISOString();
}
