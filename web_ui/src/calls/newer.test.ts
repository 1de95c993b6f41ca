import { expect, it } from "vitest";
import { countNewer } from "./newer";

const call = (second: number) => ({
  id: `c${second}`,
  start: `2026-11-21T10:00:${String(second).padStart(2, "0")}.000Z`,
});

it("counts calls that were not there", () =>
  expect(countNewer([call(5), call(4)], [call(7), call(6), call(5)])).toEqual({ count: 2, atLeast: false }));

it("counts a long call that ended below newer ones", () =>
  expect(countNewer([call(5), call(3)], [call(5), call(4)])).toEqual({ count: 1, atLeast: false }));

it("does not take older calls for news when calls were deleted", () =>
  expect(countNewer([call(5), call(4)], [call(5), call(3)]).count).toBe(0));

it("says when there may be more", () =>
  expect(countNewer([call(1)], [call(9), call(8)])).toEqual({ count: 2, atLeast: true }));

it("counts the first calls of an empty list", () =>
  expect(countNewer([], [call(1)])).toEqual({ count: 1, atLeast: false }));
