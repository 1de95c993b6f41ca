import { expect, it } from "vitest";
import { fileSize } from "./size";

it.each([
  [512, "512 B"],
  [7000, "7.0 KB"],
  [999_999, "1.0 MB"],
  [1_234_567, "1.2 MB"],
  [4_000_000_000_000, "4.0 TB"],
])("shows %d bytes as %s", (bytes, text) => expect(fileSize(bytes)).toBe(text));
