import { expect, it } from "vitest";
import { verificationOf } from "./verification";

const FINDING = { code: "bytes", state: "altered", text: "…", file: "2026/11/21/a.opus", segments: [1] };

it("reads what earwitness verify writes", () => {
  const found = verificationOf({
    state: "altered",
    checked: 3,
    intact: 2,
    altered: 1,
    unknown: 0,
    calls: [{ call: "a", target: "nas", state: "altered", findings: [{ ...FINDING, seconds: [[15, 30]] }] }],
    chains: [
      {
        chain: "c1",
        target: "",
        state: "unknown",
        last: 9,
        missing: [
          [3, 3],
          [5, 7],
        ],
        findings: [],
      },
    ],
  });
  expect(found?.counts).toEqual({ intact: 2, altered: 1, unknown: 0 });
  expect(found?.calls[0]?.findings).toEqual([
    { code: "bytes", file: "opus", parts: [{ start: 15, end: 30 }] },
  ]);
  expect(found?.chains[0]?.gaps).toEqual(["3", "5–7"]);
});

it("knows other reports from it, and survives a cut one", () => {
  expect(verificationOf({ failed: 0, left: 0 })).toBeUndefined();
  expect(verificationOf({ intact: 1, altered: 0, unknown: 0, calls: [null, { call: 1 }] })?.calls).toEqual([
    { call: "", target: "", state: "unknown", findings: [] },
  ]);
});
