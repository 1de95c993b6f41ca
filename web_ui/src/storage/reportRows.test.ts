import { expect, it } from "vitest";
import { reportRows } from "./reportRows";

it("shows what a run found, however deep it lies", () =>
  expect(
    reportRows({
      checked: 12,
      altered: [{ call: "a", seconds: [1, 2] }],
      chain: { missing: [], whole: true },
      note: null,
    }),
  ).toEqual([
    { name: "checked", value: "12" },
    { name: "altered 1.call", value: "a" },
    { name: "altered 1.seconds", value: "1, 2" },
    { name: "chain.missing", value: "–" },
    { name: "chain.whole", value: "true" },
    { name: "note", value: "–" },
  ]));

it("has an end", () =>
  expect(reportRows({ many: Array.from({ length: 500 }, () => ({ a: 1 })) })).toHaveLength(200));
