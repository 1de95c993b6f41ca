import { expect, it } from "vitest";
import { chosenColumns, DEFAULT_COLUMNS, toggleColumn } from "./columns";

it("keeps the order of the table, whatever was stored", () =>
  expect(chosenColumns(["state", "from", "of another version"])).toEqual(["start", "from", "state"]));

it("shows and hides", () => {
  const without = toggleColumn(DEFAULT_COLUMNS, "agent");
  expect(without).not.toContain("agent");
  expect(toggleColumn(without, "agent")).toEqual(DEFAULT_COLUMNS);
});

it("never hides the start", () => expect(toggleColumn(["start"], "start")).toEqual(["start"]));
