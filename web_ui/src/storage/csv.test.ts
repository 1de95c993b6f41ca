import { expect, it } from "vitest";
import { csv } from "./csv";

it("writes what spreadsheets read, and no formulas", () =>
  expect(
    csv([
      ["名称", 'a "b", c', 12],
      ["=1+1", "-3", -3],
    ]),
  ).toBe('\uFEFF名称,"a ""b"", c",12\r\n\'=1+1,\'-3,-3\r\n'));
