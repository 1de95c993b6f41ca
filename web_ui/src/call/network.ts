import type { Party } from "../api/client";

/** Whether a phone reported how this party was received. */
export function hasReports({ jitter_ms, round_trip_ms, remote_lost }: Party): boolean {
  return [jitter_ms, round_trip_ms, remote_lost].some((value) => value !== null && value !== undefined);
}

/** Milliseconds as a table shows them: with a decimal below ten, as a dash where not known. */
export function milliseconds(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}
