import { expect, it } from "vitest";
import { callsWith, offered } from "./tags";

it("filters by a tag as it is written", () => {
  expect(callsWith("for review")).toBe("/calls?tag=for+review");
  expect(callsWith('"复核"')).toBe("/calls?tag=%22%E5%A4%8D%E6%A0%B8%22");
});

it("offers what is in use and not on the call", () => {
  const inUse = ["Complaint", "complaint 2", "sale"];
  expect(offered(inUse, ["complaint 2"], " compl")).toEqual(["Complaint"]);
  expect(offered(inUse, [], "")).toEqual(inUse);
});
