import { expect, it } from "vitest";
import {
  callIds,
  type Erasure,
  erasureSteps,
  type Hold,
  holdSteps,
  isOver,
  type Rule,
  ruleSteps,
} from "./steps";

const rule = (more: Partial<Rule>) => ({ proposed_by: "ann", retirement_asked_by: "", ...more }) as Rule;
const hold = (more: Partial<Hold>) => ({ release_asked_by: "", ...more }) as Hold;

it("lets another person approve what one proposed", () => {
  const proposed = rule({ state: "proposed" });
  expect(ruleSteps(proposed, "ann")).toEqual([
    { step: "approve", needsOther: true },
    { step: "refuse", needsOther: false },
  ]);
  expect(ruleSteps(proposed, "ben")[0]?.needsOther).toBe(false);
  const retiring = rule({ state: "retiring", retirement_asked_by: "ben" });
  expect(ruleSteps(retiring, "ben").map(({ step, needsOther }) => [step, needsOther])).toEqual([
    ["retire", true],
    ["keep", false],
  ]);
});

it("takes two to release a hold and to erase", () => {
  expect(holdSteps(hold({ state: "in-force" }), "ann").map(({ step }) => step)).toEqual(["ask-release"]);
  const asked = hold({ state: "release-asked", release_asked_by: "ann" });
  expect(holdSteps(asked, "ann")[0]).toEqual({ step: "release", needsOther: true });
  const erasure = { state: "asked", requested_by: "ann" } as Erasure;
  expect(erasureSteps(erasure, "ben")[0]).toEqual({ step: "approve", needsOther: false });
});

it("knows what is over", () => {
  expect(isOver(rule({ state: "retired" }))).toBe(true);
  expect(ruleSteps(rule({ state: "retired" }), "ann")).toEqual([]);
  expect(isOver(hold({ state: "release-asked" }))).toBe(false);
});

it("takes ids out of what was pasted", () =>
  expect(callIds(" a-1,\nhttps://qa.example/calls/b-2?agent=8001 a-1；c3 ")).toEqual(["a-1", "b-2", "c3"]));
