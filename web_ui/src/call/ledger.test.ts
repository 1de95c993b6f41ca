import { expect, it } from "vitest";
import { hasPackets, isBalanced, ssrcText } from "./ledger";

const even = {
  expected: 1000,
  received: 991,
  lost: 8,
  duplicate: 2,
  reordered: 5,
  late: 1,
  dropped: 3,
  written: 989,
  unwritten: 0,
};

it("balances where every packet is in one place", () => expect(isBalanced(even)).toBe(true));

it("does not where one is missing", () => {
  expect(isBalanced({ ...even, lost: 7 })).toBe(false);
  expect(isBalanced({ ...even, written: 988 })).toBe(false);
});

it("knows a party that sent nothing", () => {
  const none = Object.fromEntries(Object.keys(even).map((name) => [name, 0])) as typeof even;
  expect([hasPackets(none), hasPackets({ ...none, lost: 1 })]).toEqual([false, true]);
});

it("writes an SSRC as packet tools do", () => expect(ssrcText(0xab12)).toBe("0x0000AB12"));
