import { describe, expect, it } from "vitest";
import { cssVariables, PALETTE } from "./palette";

/** Relative luminance of `#rrggbb` (WCAG 2.2). */
function luminance(colour: string): number {
  const linear = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (linear[0] ?? 0) + 0.7152 * (linear[1] ?? 0) + 0.0722 * (linear[2] ?? 0);
}

function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

describe("text colours", () => {
  const texts = ["brand", "ink", "muted", "partyA", "partyB", "good", "bad", "warn"] as const;
  it.each(texts)("%s can be read on every ground", (name) => {
    for (const ground of [PALETTE.paper, PALETTE.ground, PALETTE.hover, PALETTE.chosen])
      expect(contrast(PALETTE[name], ground)).toBeGreaterThanOrEqual(4.5);
  });
});

it("names CSS variables", () => expect(cssVariables().get("--party-a")).toBe(PALETTE.partyA));
