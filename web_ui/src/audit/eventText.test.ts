import i18next from "i18next";
import { beforeAll, expect, it } from "vitest";
import { en } from "../i18n/en";
import { actionText, detailText, kindText, shortId } from "./eventText";

const TEAMS = new Map([["0b1c", "Night shift"]]);

beforeAll(async () => {
  await i18next.init({ lng: "en", resources: { en: { translation: en } }, showSupportNotice: false });
});

it.each([
  ["hold.release", "Released a legal hold"],
  ["hold.release.refused", "Refused: Released a legal hold"],
  ["robot.move.refused", "robot.move.refused"],
])("says %s as %s", (action, text) => expect(actionText(action, i18next.t)).toBe(text));

it("says what was asked for", () =>
  expect(detailText({ before: null, after: { query: "agent:8001", rows: 50 } }, TEAMS, i18next.t)).toBe(
    "Query: agent:8001 · rows: 50",
  ));

it("says what it was before", () =>
  expect(
    detailText({ before: { released: false }, after: { released: true, agent: "8001" } }, TEAMS, i18next.t),
  ).toBe("Released: No → Yes · Agent: 8001"));

it("says criteria in words", () =>
  expect(detailText({ before: null, after: { criteria: { states: ["missed"] } } }, TEAMS, i18next.t)).toBe(
    "Criteria: Outcome Missed",
  ));

it("names what it was done to", () => {
  expect(["run", "retention-rule", "robot"].map((kind) => kindText(kind, i18next.t))).toEqual([
    "Work",
    "Rule",
    "robot",
  ]);
  expect(shortId("01234567-0000-4000-8000-000000000001")).toBe("01234567");
  expect(shortId("nas,cloud")).toBe("nas,cloud");
});

it("leaves out what is empty", () =>
  expect(
    detailText(
      { before: null, after: { agent: "", teams: [], role: "admin", until: null } },
      TEAMS,
      i18next.t,
    ),
  ).toBe("Role: Administrator"));

it("names teams, and shortens the id of one that is no more", () => {
  const gone = "01234567-0000-4000-8000-000000000001";
  expect(
    detailText({ before: { teams: ["0b1c"] }, after: { teams: ["0b1c", gone] } }, TEAMS, i18next.t),
  ).toBe("Teams: Night shift → Night shift, 01234567");
  expect(detailText({ before: null, after: { criteria: { teams: ["0b1c"] } } }, TEAMS, i18next.t)).toBe(
    "Criteria: Team Night shift",
  );
});

it("says nothing where nothing changed", () =>
  expect(detailText({ before: null, after: null }, TEAMS, i18next.t)).toBe(""));
