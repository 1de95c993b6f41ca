import { expect, it } from "vitest";
import { partyName, personOf } from "./people";

const agent = { extension: "8003", name: "Wang Xiuying" };
const call = {
  agent,
  from: "138****8910",
  to: "95500",
  parties: [
    { side: "A" as const, name: "Sofia", number: "138****8910" },
    { side: "B" as const, name: "", number: "8003" },
  ],
};

it("names who called", () => expect(personOf(call, "A")).toEqual({ number: "138****8910", name: "Sofia" }));

it("tells the hotline from the agent who answered it", () =>
  expect(personOf(call, "B")).toEqual({ number: "95500", name: "8003 Wang Xiuying" }));

it("does not say the same twice", () => {
  const plain = { ...call, from: "8001", parties: [{ side: "A" as const, name: "8001", number: "8001" }] };
  expect(personOf(plain, "A")).toEqual({ number: "8001", name: "" });
  expect(personOf(plain, "B")).toEqual({ number: "95500", name: "" });
});

it("takes no agent's name for another number", () =>
  expect(partyName({ name: "", number: "8004" }, agent)).toBe(""));
