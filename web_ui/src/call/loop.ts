import type { Span } from "./silence";

/** A loop that is off, has its first end, or plays. */
export type Loop = { readonly a: number | null; readonly b: number | null };

export const NO_LOOP: Loop = { a: null, b: null };

/** Under this a loop is a slip of the finger. */
const SHORTEST = 0.2;

/** One key does all: first A, then B, then off. B before A turns them round. */
export function pressLoop(loop: Loop, time: number): Loop {
  if (loop.a === null) return { a: time, b: null };
  if (loop.b !== null || Math.abs(time - loop.a) < SHORTEST) return NO_LOOP;
  return { a: Math.min(loop.a, time), b: Math.max(loop.a, time) };
}

/** The stretch that repeats, where both ends are set. */
export function loopSpan(loop: Loop): Span | undefined {
  return loop.a === null || loop.b === null ? undefined : { start: loop.a, end: loop.b };
}

/** Where a playing loop goes back to at `time`, or undefined where it plays on. Seeking past it leaves it. */
export function loopBack(loop: Loop, time: number): number | undefined {
  const span = loopSpan(loop);
  return span && time >= span.end && time < span.end + 1 ? span.start : undefined;
}
