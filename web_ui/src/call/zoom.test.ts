import { describe, expect, it } from "vitest";
import { zoomIn, zoomOut } from "./zoom";

describe("zoom", () => {
  it("doubles from the whole call", () => expect(zoomIn(0, 1000, 100)).toBe(20));
  it("ends at the finest", () => expect(zoomIn(300, 1000, 100)).toBe(400));
  it("goes back to the whole call", () => {
    expect(zoomOut(40, 1000, 100)).toBe(20);
    expect(zoomOut(20, 1000, 100)).toBe(0);
    expect(zoomOut(0, 1000, 100)).toBe(0);
  });
});
