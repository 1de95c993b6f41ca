import { expect, it } from "vitest";
import { badCopies } from "./scrubbing";

it("reads which copies were bad and what became of them", () => {
  const copies = [
    { call: "a", target: "nas", file: "opus", condition: "missing", repaired: true },
    { call: "b", condition: "odd" },
    null,
  ];
  expect(badCopies({ bad: 2, copies })).toEqual([
    { call: "a", target: "nas", file: "opus", condition: "missing", repaired: true },
    { call: "b", target: "", file: "", condition: "damaged", repaired: null },
  ]);
  expect(badCopies({ bad: 0, copies: [] })).toEqual([]);
});

it("knows other reports from it", () => {
  expect(badCopies({ bad: 2 })).toBeUndefined();
  expect(badCopies({ copies: 3, bytes: 1 })).toBeUndefined();
});
