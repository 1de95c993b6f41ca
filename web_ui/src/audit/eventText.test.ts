import i18next from "i18next";
import { beforeAll, expect, it } from "vitest";
import { en } from "../i18n/en";
import { actionText, detailText } from "./eventText";

beforeAll(async () => {
  await i18next.init({ lng: "en", resources: { en: { translation: en } }, showSupportNotice: false });
});

it.each([
  ["hold.release", "Released a legal hold"],
  ["hold.release.refused", "Refused: Released a legal hold"],
  ["robot.move.refused", "robot.move.refused"],
])("says %s as %s", (action, text) => expect(actionText(action, i18next.t)).toBe(text));

it("says what was asked for", () =>
  expect(detailText({ before: null, after: { query: "agent:8001", rows: 50 } })).toBe(
    "query: agent:8001, rows: 50",
  ));

it("says what it was before", () =>
  expect(detailText({ before: { released: false }, after: { released: true, agent: "8001" } })).toBe(
    "released: false → true, agent: 8001",
  ));

it("leaves out what is empty", () =>
  expect(detailText({ before: null, after: { agent: "", teams: [], role: "admin", until: null } })).toBe(
    "role: admin",
  ));

it("says nothing where nothing changed", () => expect(detailText({ before: null, after: null })).toBe(""));
