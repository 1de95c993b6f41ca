import { expect, it } from "vitest";
import { nextRow } from "./rows";

it.each([
  ["nothing has the focus yet", -1, -1, 1, 3, 0],
  ["from the end", -1, -1, -1, 3, 2],
  ["one on", 0, 0, 1, 3, 1],
  ["stays at the last", 2, 2, 1, 3, 2],
  ["stays at the first", 0, 0, -1, 3, 0],
  ["the row is gone: what came into its place", -1, 1, 1, 3, 1],
  ["the last row is gone", -1, 2, 1, 2, 1],
  ["back from a row that is gone", -1, 1, -1, 3, 0],
  ["no rows", -1, 4, 1, 0, -1],
])("%s", (_, current, last, by, count, to) => expect(nextRow(current, last, by, count)).toBe(to));
