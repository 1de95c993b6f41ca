/** Durations as people type them. */

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** Seconds of `90`, `90s`, `5m`, `1h30m`, `1:30` or `1:02:03`; undefined where it is none of these. */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim().toLowerCase();
  if (/^\d+(\.\d+)?$/.test(trimmed)) return Number(trimmed);
  if (/^\d+(:[0-5]?\d){1,2}$/.test(trimmed))
    return trimmed.split(":").reduce((seconds, part) => seconds * 60 + Number(part), 0);
  if (!/^(\d+\s*[hms]\s*)+$/.test(trimmed)) return undefined;
  return [...trimmed.matchAll(/(\d+)\s*([hms])/g)].reduce(
    (seconds, [, count, unit]) => seconds + Number(count) * (UNITS[unit ?? ""] ?? 0),
    0,
  );
}

/** The shortest text that `parseDuration` reads back: `90s`, `5m`, `1h30m`. */
export function durationText(seconds: number): string {
  if (!Number.isInteger(seconds)) return String(seconds);
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = seconds % 60;
  return `${hours ? `${hours}h` : ""}${minutes ? `${minutes}m` : ""}${rest || seconds === 0 ? `${rest}s` : ""}`;
}
