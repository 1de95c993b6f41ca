import type { CallDetail } from "../api/client";

type Gap = CallDetail["gaps"][number];

/**
 * The gaps as they are drawn: in time order, and those of a side that stand closer than `apart` seconds as one.
 *
 * A bad line has thousands of gaps of 20 ms; at the width of a screen they are one, and each one drawn costs.
 * `seconds` of a joined gap is what is missing, `end` where it ends.
 */
export function drawnGaps(gaps: readonly Gap[], apart: number): (Gap & { readonly end: number })[] {
  const drawn: (Gap & { end: number })[] = [];
  const last = new Map<Gap["side"], Gap & { end: number }>();
  for (const gap of [...gaps].sort((one, other) => one.start - other.start)) {
    const end = gap.start + gap.seconds;
    const before = last.get(gap.side);
    if (before && before.cause === gap.cause && gap.start - before.end < apart) {
      before.end = Math.max(before.end, end);
      before.seconds += gap.seconds;
      continue;
    }
    const fresh = { ...gap, end };
    last.set(gap.side, fresh);
    drawn.push(fresh);
  }
  return drawn;
}
