import { describe, expect, it } from "vitest";
import { waveColumns } from "./columns";

describe("waveColumns", () => {
  it("reach from edge to edge at the loudest, and are one pixel in silence", () =>
    expect(waveColumns([-0.5, 0.5, 0, 0], 2, 100, 0.5)).toEqual([
      { x: 0, top: 1, height: 98 },
      { x: 1, top: 50, height: 1 },
    ]));

  it("take the extremes where a pixel has several values", () =>
    expect(waveColumns([-0.1, 0.1, -1, 0.2, -0.2, 1, 0, 0], 1, 102, 1)).toEqual([
      { x: 0, top: 1, height: 100 },
    ]));

  it("are joined by slopes where there are more pixels", () =>
    expect(waveColumns([-1, 1, 0, 0], 4, 102, 1).map(({ height }) => height)).toEqual([100, 50, 1, 1]));

  it("do not mind a part that begins with a maximum", () =>
    expect(waveColumns([1, -1, 1], 1, 102, 1)).toEqual([{ x: 0, top: 1, height: 100 }]));

  it("are a flat line of nothing", () =>
    expect(waveColumns([], 1, 100, 1)).toEqual([{ x: 0, top: 50, height: 1 }]));
});
