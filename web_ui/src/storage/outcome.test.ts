import { expect, it } from "vitest";
import { again, idleOf, isAllIntact, messageOf, outcomeOf } from "./outcome";
import type { Run, Target } from "./progress";

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

it("tells work that had nothing to do from work that was done", () => {
  const idle = { done: 0, message: "" };
  expect(idleOf(run({ ...idle, message: "0 intact." }))).toBe("verify");
  expect(idleOf(run({ ...idle, kind: "backup" }))).toBe("backup");
  expect(idleOf(run({ ...idle, kind: "scrub", findings: [found(false)] }))).toBeUndefined();
  expect(idleOf(run({ ...idle, kind: "backup", message: "Too long." }))).toBeUndefined();
  expect(idleOf(run({ ...idle, kind: "snapshot" }))).toBeUndefined();
  expect(idleOf(run({ ...idle, kind: "backup", state: "failed" }))).toBeUndefined();
  expect(idleOf(run({ kind: "backup", message: "" }))).toBeUndefined();
});

it("offers again what did not come to its end, once, and only where it can be done", () => {
  const targets = [{ name: "nas", role: "copy" } as Target, { name: "out", role: "export" } as Target];
  const failed = run({ kind: "backup", target: "nas", state: "failed", started: "2026-11-22T12:00:00Z" });
  const earlier = { ...failed, started: "2026-11-22T11:00:00Z" };
  expect(again(failed, [failed, earlier], targets)).toEqual({ kind: "backup", target: "nas" });
  expect(again(earlier, [failed, earlier], targets)).toBeUndefined();
  for (const state of ["running", "asked", "done"] as const)
    expect(again({ ...failed, state }, [], targets)).toBeUndefined();
  for (const more of [{ target: "out" }, { target: "gone" }, { target: "" }, { kind: "retention" as const }])
    expect(again({ ...failed, ...more }, [], targets)).toBeUndefined();
});
