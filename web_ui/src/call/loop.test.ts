import { expect, it } from "vitest";
import { loopBack, NO_LOOP, pressLoop } from "./loop";

it("goes A, B, off", () => {
  const a = pressLoop(NO_LOOP, 4);
  const ab = pressLoop(a, 9);
  expect([a, ab, pressLoop(ab, 5)]).toEqual([{ a: 4, b: null }, { a: 4, b: 9 }, NO_LOOP]);
});

it("turns B before A round", () => expect(pressLoop({ a: 9, b: null }, 4)).toEqual({ a: 4, b: 9 }));

it("takes a slip for off", () => expect(pressLoop({ a: 9, b: null }, 9.1)).toEqual(NO_LOOP));

it("goes back at its end, and lets go of who seeks past it", () => {
  const loop = { a: 4, b: 9 };
  expect([8.9, 9.05, 20].map((time) => loopBack(loop, time))).toEqual([undefined, 4, undefined]);
});
