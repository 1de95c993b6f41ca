import { expect, it } from "vitest";
import { durationText, parseDuration } from "./durationText";

it.each([
  ["90", 90],
  ["90s", 90],
  [" 5M ", 300],
  ["1h30m", 5400],
  ["1:30", 90],
  ["1:02:03", 3723],
  ["0.5", 0.5],
  ["", undefined],
  ["5x", undefined],
  ["-5", undefined],
  ["1:75", undefined],
])("reads %j as %s", (text, seconds) => expect(parseDuration(text)).toBe(seconds));

it.each([0, 1, 59, 60, 61, 3600, 3661, 5400, 0.5])("reads back %d", (seconds) =>
  expect(parseDuration(durationText(seconds))).toBe(seconds),
);
