import { expect, it } from "vitest";
import { standing, within } from "./listing";
import type { Hold, Rule } from "./steps";

const acme = {
  id: "01ab",
  name: "Acme v. Example",
  reason: "Court order 4711",
  state: "in-force",
  placed_by: "ann",
  criteria: { agents: ["8001"], numbers: ["+8621*"] },
} as unknown as Hold;
const other = { ...acme, name: "劳动仲裁", reason: "Order 12", criteria: null, state: "released" } as Hold;

it.each([
  ["", 2],
  ["acme", 1],
  ["ORDER", 2],
  ["order 4711", 1],
  ["仲裁", 1],
  ["8001", 1],
  ["ann +8621", 1],
  ["in-force", 0],
  ["01ab", 0],
])("finds with %j %d", (words, count) => expect(within([acme, other], words)).toHaveLength(count));

it("leaves out what is over", () => {
  expect(standing([acme, other])).toEqual([acme]);
  expect(standing([{ state: "proposed" } as Rule, { state: "refused" } as Rule])).toHaveLength(1);
});
