import { describe, expect, it } from "vitest";
import {
  clock,
  clockTenths,
  cutSeconds,
  secondsBetween,
  shortSeconds,
  signedTenths,
  stamp,
  timeOfDay,
} from "./time";

describe("clock", () => {
  it.each([
    [0, "0:00"],
    [5.9, "0:05"],
    [8.9994, "0:08"],
    [8.9996, "0:09"],
    [59.98, "0:59"],
    [3599.9, "59:59"],
    [754, "12:34"],
    [3723, "1:02:03"],
    [-1, "0:00"],
  ])("shows %d s as %s", (seconds, text) => expect(clock(seconds)).toBe(text));
});

describe("clockTenths", () => {
  it.each([
    [0.3, "0:00.3"],
    [59.96, "0:59.9"],
    [60, "1:00.0"],
    [0.1 + 0.2, "0:00.3"],
  ])("shows %d s as %s", (seconds, text) => expect(clockTenths(seconds)).toBe(text));
});

describe("signedTenths", () => {
  it.each([
    [-3.25, "−0:03.2"],
    [-0.08, "0:00.0"],
    [0, "0:00.0"],
    [0.12, "0:00.1"],
  ])("shows %d s as %s", (seconds, text) => expect(signedTenths(seconds)).toBe(text));
});

describe("cutSeconds", () => {
  it.each([
    [9.98, "9.9"],
    [0.3, "0.3"],
    [12.04, "12"],
    [8.9996, "9"],
  ])("shows %d s as %s", (seconds, text) => expect(cutSeconds(seconds)).toBe(text));

  it("says of a length what the clocks say", () => {
    for (let seconds = 0; seconds < 60; seconds += 0.0173) {
      expect(clockTenths(seconds).startsWith(clock(seconds))).toBe(true);
      expect(Math.floor(Number(cutSeconds(seconds)))).toBe(Number(clock(seconds).slice(2)));
    }
  });
});

describe("shortSeconds", () => {
  it("drops a needless decimal", () =>
    expect([0.44, 12, 1.25].map(shortSeconds)).toEqual(["0.4", "12", "1.3"]));
});

describe("stamp", () => {
  const instant = "2026-11-21T23:25:46.323Z";

  it("is in the time zone asked for, across midnight", () => {
    expect(stamp(instant, "UTC")).toBe("2026-11-21 23:25:46");
    expect(stamp(instant, "Asia/Shanghai")).toBe("2026-11-22 07:25:46");
  });

  it("shows midnight as 00, not 24", () => expect(timeOfDay("2026-11-21T00:00:01Z", "UTC")).toBe("00:00:01"));
});

it("counts seconds between instants", () =>
  expect(secondsBetween("2026-11-21T10:00:00.000Z", "2026-11-21T10:01:00.250Z")).toBe(60.25));
