import { expect, it } from "vitest";
import { isAllIntact, messageOf, outcomeOf } from "./outcome";
import type { Run } from "./progress";

const RUN = { kind: "verify", state: "done", findings: [], done: 3, message: "3 intact.", stop_asked_by: "" };
const run = (more: object) => ({ ...RUN, ...more }) as unknown as Run;
const found = (grave: boolean) => ({ code: "altered", count: 2, grave });

it.each([
  [{}, "done"],
  [{ findings: [found(false)] }, "findings"],
  [{ findings: [found(true), found(false)] }, "grave"],
  [{ findings: [{ code: "copies-restored", count: 2, grave: false }] }, "restored"],
  [{ findings: [found(true), { code: "copies-restored", count: 2, grave: false }] }, "grave"],
  [{ state: "failed", findings: [found(true)] }, "failed"],
  [{ state: "running" }, "running"],
  [{ state: "running", stop_asked_by: "admin" }, "stopping"],
])("%o is %s", (more, outcome) => expect(outcomeOf(run(more))).toBe(outcome));

it("counts in the reader's language where the server has only a sentence", () => {
  expect(messageOf(run({}))).toBe("");
  expect(messageOf(run({ state: "failed", message: "The disk is gone." }))).toBe("The disk is gone.");
  expect(messageOf(run({ kind: "backup", message: "Too long." }))).toBe("Too long.");
});

it("calls a verification whole only where it looked at something and found nothing", () => {
  expect(isAllIntact(run({}))).toBe(true);
  expect(isAllIntact(run({ done: 0 }))).toBe(false);
  expect(isAllIntact(run({ state: "stopped" }))).toBe(false);
  expect(isAllIntact(run({ findings: [found(false)] }))).toBe(false);
});
