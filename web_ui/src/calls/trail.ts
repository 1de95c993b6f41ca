/**
 * The way back through pages that only know their next one.
 *
 * The URL holds the cursor of the page shown; the trail, kept in the history entry, holds those of the pages
 * before it, the first page as "". A link that somebody shares has a cursor and no trail: from there the way
 * back is the newest page.
 */
export type Trail = readonly string[];

export const NO_TRAIL: Trail = [];

/** The trail in the state of a history entry, whatever was put there. */
export function readTrail(state: unknown): Trail {
  if (typeof state !== "object" || state === null || !("trail" in state)) return NO_TRAIL;
  const { trail } = state;
  return Array.isArray(trail) && trail.every((item) => typeof item === "string") ? trail : NO_TRAIL;
}

export interface Step {
  readonly cursor: string;
  readonly trail: Trail;
}

/** The step from the page at `cursor` to the one after it. */
export function forward(cursor: string, trail: Trail, next: string): Step {
  return { cursor: next, trail: [...trail, cursor] };
}

/** The step to the page before; undefined on the first page. */
export function backward(cursor: string, trail: Trail): Step | undefined {
  const before = trail.at(-1);
  if (before !== undefined) return { cursor: before, trail: trail.slice(0, -1) };
  return cursor === "" ? undefined : { cursor: "", trail: NO_TRAIL };
}
