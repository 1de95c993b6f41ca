import { describe, expect, it } from "vitest";
import { EVEN_MIX, gains } from "./mixer";

describe("gains", () => {
  it("keep the parties apart", () => expect(gains(EVEN_MIX)).toEqual({ A: [1, 0], B: [0, 1] }));

  it("put both in both ears", () =>
    expect(gains({ ...EVEN_MIX, bothEars: true })).toEqual({ A: [1, 1], B: [1, 1] }));

  it("mute one party and leave the other", () =>
    expect(gains({ volume: { A: 1.2, B: 0.5 }, muted: { A: true, B: false }, bothEars: true })).toEqual({
      A: [0, 0],
      B: [0.5, 0.5],
    }));
});
