import { expect, it } from "vitest";
import {
  isOpen,
  paceOf,
  percent,
  type Run,
  rateText,
  runSeconds,
  type Target,
  takesCopies,
  workAt,
} from "./progress";

it.each([
  [0, 10, 0],
  [999, 1000, 99],
  [1000, 1000, 100],
  [12, 10, 100],
  [0, 0, 100],
  [5, null, null],
])("%d of %s is %s percent", (done, total, shown) => expect(percent(done, total)).toBe(shown));

it("shows speed", () => expect(rateText(2_000_000.4)).toBe("2.0 MB/s"));

it("knows what works still and for how long", () => {
  const run = { state: "running", started: "2026-11-22T12:00:00Z", ended: null } as Run;
  expect(isOpen(run)).toBe(true);
  expect(runSeconds(run, new Date("2026-11-22T12:01:30Z"))).toBe(90);
  expect(isOpen({ ...run, state: "done" })).toBe(false);
  expect(runSeconds({ ...run, ended: "2026-11-22T12:00:10Z" }, new Date())).toBe(10);
});

it("copies nothing to where calls come in", () => {
  const target = (name: string, role: string) => ({ name, role }) as Target;
  expect(workAt(target("local", "primary"))).toEqual(["scrub", "verify"]);
  expect(workAt(target("nas", "copy"))).toContain("backup");
  expect(workAt(target("out", "export"))).not.toContain("backup");
  expect(workAt(target("local", "earlier"))).toEqual(["scrub", "verify"]);
  expect(["primary", "copy", "export", "earlier"].filter((role) => takesCopies(target("x", role)))).toEqual([
    "copy",
    "export",
  ]);
});

it("asks for snapshots where they may lie", () => {
  const target = (name: string, role: string, write_once = false) => ({ name, role, write_once }) as Target;
  expect(workAt(target("bucket", "primary"))).toEqual(["scrub", "verify", "snapshot"]);
  expect(workAt(target("nas", "copy"))).toContain("snapshot");
  expect(workAt(target("tape", "copy", true))).toEqual(["backup", "scrub", "verify"]);
  expect(workAt(target("bucket", "primary", true))).toEqual(["scrub", "verify"]);
});

it("tells how fast a run works and how long it takes still", () => {
  const run = {
    state: "running",
    started: "2026-11-22T12:00:00Z",
    seen: "2026-11-22T12:01:40Z",
    done: 250,
    total: 1000,
    bytes: 5_000_000,
  } as Run;
  expect(paceOf(run)).toEqual({ bytesPerSecond: 50_000, perSecond: "2.5", secondsLeft: 300 });
  expect(paceOf({ ...run, total: null })?.secondsLeft).toBeNull();
  expect(paceOf({ ...run, total: 200 })?.secondsLeft).toBe(0);
  expect(paceOf({ ...run, done: 2000 })?.perSecond).toBe("20");
  expect(paceOf({ ...run, done: 0 })).toBeUndefined();
  expect(paceOf({ ...run, seen: "2026-11-22T12:00:02Z" })).toBeUndefined();
  expect(paceOf({ ...run, state: "done" })).toBeUndefined();
});
