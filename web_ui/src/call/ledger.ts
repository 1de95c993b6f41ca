import type { Party } from "../api/client";

export type Packets = Party["packets"];

/** The columns of the loss ledger, in the order of a packet's way. */
export const LEDGER = [
  "expected",
  "received",
  "lost",
  "duplicate",
  "reordered",
  "late",
  "dropped",
  "written",
  "unwritten",
] as const satisfies readonly (keyof Packets)[];

/** Columns that are bad news where they are not zero. */
export const LOSSES: ReadonlySet<keyof Packets> = new Set(["lost", "dropped", "unwritten"]);

/** Whether there is anything to account for. */
export function hasPackets(packets: Packets): boolean {
  return LEDGER.some((name) => packets[name] > 0);
}

/** Whether every packet is accounted for exactly once. */
export function isBalanced(packets: Packets): boolean {
  return (
    packets.received === packets.written + packets.duplicate + packets.unwritten &&
    packets.expected + packets.duplicate === packets.received + packets.lost + packets.dropped
  );
}

/** SSRC as tools that look at packets write it. */
export function ssrcText(ssrc: number): string {
  return `0x${ssrc.toString(16).toUpperCase().padStart(8, "0")}`;
}
