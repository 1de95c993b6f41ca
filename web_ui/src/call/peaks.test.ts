import { describe, expect, it } from "vitest";
import { levelAt, loudest, waveOf } from "./peaks";

const peaks = {
  channels: 2,
  pixels_per_second: 20,
  length: 2,
  data: [
    [-64, 32, -128, 127],
    [0, 0, -1, 1],
  ],
};

describe("waveOf", () => {
  const wave = waveOf(peaks);

  it("scales to one", () => expect([...(wave.channels[0] ?? [])]).toEqual([-0.5, 0.25, -1, 127 / 128]));
  it("knows its length", () => expect(wave.seconds).toBe(0.1));
  it("has the level of a pixel", () => expect(levelAt(wave.channels[0] ?? new Float32Array(), 0)).toBe(0.5));
  it("finds the loudest of both channels", () => expect(loudest(wave)).toBe(1));
});

it("does not blow up silence", () =>
  expect(
    loudest(
      waveOf({
        ...peaks,
        data: [
          [0, 0, 0, 0],
          [0, 0, 0, 0],
        ],
      }),
    ),
  ).toBe(0.05));
