import { backward, forward, type Trail } from "../calls/trail";

/** Where a neighbour of a call in the list is: on the page at hand, or at the edge of the page beside it. */
export type Neighbour = { readonly kind: "here"; readonly id: string } | NeighbourPage;

export interface NeighbourPage {
  readonly kind: "page";
  readonly cursor: string;
  readonly trail: Trail;
  readonly edge: "first" | "last";
}

interface Page {
  readonly items: readonly { readonly id: string }[];
  readonly next_cursor: string | null;
}

/** The call before and after `id` in the list, as far as the list goes; none where the page has no such call. */
export function neighbours(
  id: string,
  page: Page,
  cursor: string,
  trail: Trail,
): { readonly previous: Neighbour | undefined; readonly next: Neighbour | undefined } {
  const index = page.items.findIndex((item) => item.id === id);
  if (index < 0) return { previous: undefined, next: undefined };
  return {
    previous: here(page.items[index - 1]) ?? pageBefore(cursor, trail),
    next: here(page.items[index + 1]) ?? pageAfter(cursor, trail, page.next_cursor),
  };
}

function here(item: { readonly id: string } | undefined): Neighbour | undefined {
  return item && { kind: "here", id: item.id };
}

function pageBefore(cursor: string, trail: Trail): Neighbour | undefined {
  // Without a trail the way back leads to the newest page, which is not the page before.
  const step = trail.length > 0 ? backward(cursor, trail) : undefined;
  return step && { kind: "page", ...step, edge: "last" };
}

function pageAfter(cursor: string, trail: Trail, next: string | null): Neighbour | undefined {
  return next === null ? undefined : { kind: "page", ...forward(cursor, trail, next), edge: "first" };
}
