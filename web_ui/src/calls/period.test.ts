import { expect, it } from "vitest";
import { isPeriod, stretchOf } from "./period";

const now = new Date(2026, 10, 21, 15, 30);
const local = (day: number) => new Date(2026, 10, day).toISOString();

it("starts today at local midnight and leaves it open", () =>
  expect(stretchOf("today", now)).toEqual({ after: local(21) }));

it("ends yesterday where today starts", () =>
  expect(stretchOf("yesterday", now)).toEqual({ after: local(20), before: local(21) }));

it("counts seven days with today", () => expect(stretchOf("week", now)).toEqual({ after: local(15) }));

it("crosses the end of a month", () =>
  expect(stretchOf("yesterday", new Date(2026, 10, 1, 8)).after).toBe(new Date(2026, 9, 31).toISOString()));

it("knows its names", () =>
  expect([isPeriod("week"), isPeriod("decade"), isPeriod(null)]).toEqual([true, false, false]));
