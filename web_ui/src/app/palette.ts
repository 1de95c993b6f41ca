/** The colours of the page; `page.css` and Ant Design both take them from here. Text on white is at least 4.5:1. */
export const PALETTE = {
  brand: "#17607f",
  ink: "#1b2733",
  muted: "#586673",
  line: "#dfe4e8",
  ground: "#f4f6f8",
  paper: "#ffffff",
  hover: "#f2f7fa",
  chosen: "#e3f0f6",
  partyA: "#1f66b5",
  partyAPlayed: "#0f3a6b",
  partyB: "#a5480f",
  partyBPlayed: "#5f2806",
  good: "#1d7a46",
  bad: "#b3261e",
  warn: "#8a5a00",
  gap: "rgba(179, 38, 30, 0.18)",
} as const;

export const FONT =
  '-apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, "Helvetica Neue", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", Arial, sans-serif';

/** The palette as CSS variables (`--party-a`), to be set once on the document. */
export function cssVariables(): ReadonlyMap<string, string> {
  const names = Object.entries(PALETTE).map(
    ([name, value]) =>
      [`--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`, value] as const,
  );
  return new Map([...names, ["--font", FONT]]);
}
