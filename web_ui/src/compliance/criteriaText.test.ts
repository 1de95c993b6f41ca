import i18next from "i18next";
import { beforeAll, expect, it } from "vitest";
import { en } from "../i18n/en";
import { criteriaText, EVERY_CALL } from "./criteriaText";

beforeAll(async () => {
  await i18next.init({ lng: "en", resources: { en: { translation: en } }, showSupportNotice: false });
});

it("says what a call must be", () => {
  const criteria = {
    ...EVERY_CALL,
    teams: ["1", "2"],
    numbers: ["138*"],
    states: ["missed" as const],
    longest: 60,
  };
  expect(criteriaText(criteria, new Map([["1", "Sales"]]), i18next.t)).toBe(
    "Team Sales, 2 · Number 138* · Outcome Missed · at most 1m",
  );
});

it("says that every call meets none", () =>
  expect(criteriaText(EVERY_CALL, new Map(), i18next.t)).toBe("Every call"));
