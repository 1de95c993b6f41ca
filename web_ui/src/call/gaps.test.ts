import { expect, it } from "vitest";
import { drawnGaps } from "./gaps";

const gap = (side: "A" | "B", start: number, seconds: number, cause = "lost") => ({
  side,
  start,
  seconds,
  cause,
});

it("joins neighbours of one side and cause, and counts what is missing", () =>
  expect(drawnGaps([gap("A", 1.5, 0.5), gap("A", 1, 0.25), gap("B", 1.1, 0.1)], 0.5)).toEqual([
    { side: "A", start: 1, seconds: 0.75, end: 2, cause: "lost" },
    { side: "B", start: 1.1, seconds: 0.1, end: 1.2000000000000002, cause: "lost" },
  ]));

it("keeps apart what is far apart or has another cause", () =>
  expect(drawnGaps([gap("A", 1, 0.1), gap("A", 1.2, 0.1, "codec"), gap("A", 9, 0.1)], 0.5)).toHaveLength(3));

it("leaves its input as it is", () => {
  const gaps = [gap("A", 1, 0.1), gap("A", 1.1, 0.1)];
  drawnGaps(gaps, 1);
  expect(gaps[0]).toEqual(gap("A", 1, 0.1));
});
