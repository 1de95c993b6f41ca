import { expect, it } from "vitest";
import { nearestRate, stepRate } from "./rate";

it("takes the nearest offered speed", () =>
  expect([0.1, 1.1, 1.2, 9].map(nearestRate)).toEqual([0.5, 1, 1.25, 4]));

it("steps and stays at the ends", () =>
  expect([stepRate(1, 1), stepRate(1, -1), stepRate(4, 1), stepRate(0.5, -1)]).toEqual([1.25, 0.75, 4, 0.5]));
