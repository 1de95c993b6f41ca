import i18next from "i18next";
import { beforeAll, expect, it } from "vitest";
import { en } from "../i18n/en";
import { reportName, reportValue } from "./reportName";

beforeAll(async () => {
  await i18next.init({ lng: "en", resources: { en: { translation: en } }, showSupportNotice: false });
});

it("says what it knows in words and leaves the rest", () =>
  expect(["left", "odd.name"].map((name) => reportName(name, i18next.t))).toEqual([
    "Left to do",
    "odd.name",
  ]));

it.each([
  ["by_hand", "true", "Yes"],
  ["whole", "false", "No"],
  ["bytes", "4800000", "4.8 MB"],
  ["calls", "4800000", "4800000"],
  ["name", "snapshots/20261122T020000Z.gz", "snapshots/20261122T020000Z.gz"],
])("shows %s %s as %s", (name, value, shown) => expect(reportValue(name, value, i18next.t)).toBe(shown));

it("shows times as everywhere", () =>
  expect(reportValue("before", "2026-11-01T00:00:00Z", i18next.t)).toMatch(/^2026-\d\d-\d\d \d\d:\d\d:00$/));
