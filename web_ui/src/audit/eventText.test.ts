import { expect, it } from "vitest";
import { detailText } from "./eventText";

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
