/** Times and durations as people read them. Seconds in, text out. */

const MINUTE = 60;
const HOUR = 3600;
const HALF_MILLISECOND = 0.0005;

const two = (n: number) => String(n).padStart(2, "0");

/**
 * `0:05`, `12:34`, `1:02:03`: to the second that is over, of milliseconds, as clocks do. What a call lasted is cut
 * everywhere, never rounded: on every page, on a medium and by the command, and `duration:8s` finds what shows 0:08.
 */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds + HALF_MILLISECOND));
  const hours = Math.floor(whole / HOUR);
  const minutes = Math.floor((whole % HOUR) / MINUTE);
  const rest = two(whole % MINUTE);
  return hours > 0 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** `0:05.3`: for the player, where tenths matter. */
export function clockTenths(seconds: number): string {
  const tenths = wholeTenths(seconds);
  return `${clock(tenths / 10)}.${tenths % 10}`;
}

/** `−0:03.2` before zero; what rounds to nothing has no sign. */
export function signedTenths(seconds: number): string {
  const shown = clockTenths(Math.abs(seconds));
  return seconds < 0 && shown !== clockTenths(0) ? `−${shown}` : shown;
}

/** Seconds as `clockTenths` shows them, without the clock: `9.4`, `12`. */
export function cutSeconds(seconds: number): string {
  return String(wholeTenths(seconds) / 10);
}

function wholeTenths(seconds: number): number {
  return Math.max(0, Math.floor((seconds + HALF_MILLISECOND) * 10));
}

/** What is lost, in seconds with one decimal and no needless zero: `0.4`, `12`. Rounded: cut it would be nothing. */
export function shortSeconds(seconds: number): string {
  return String(Math.round(seconds * 10) / 10);
}

/** `2026-11-21 19:25:46` in `timeZone`, the user's own where it is left out. */
export function stamp(instant: string, timeZone?: string): string {
  const { year, month, day, hour, minute, second } = parts(instant, timeZone);
  return `${year}-${month}-${day} ${hour}:${minute}:${second}`;
}

/** `19:25:46` in `timeZone`, the user's own where it is left out. */
export function timeOfDay(instant: string, timeZone?: string): string {
  const { hour, minute, second } = parts(instant, timeZone);
  return `${hour}:${minute}:${second}`;
}

/** Name of the user's time zone, `Europe/Berlin`. */
export function zoneName(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Seconds from `start` to `instant`, both RFC 3339. */
export function secondsBetween(start: string, instant: string): number {
  return (Date.parse(instant) - Date.parse(start)) / 1000;
}

type Part = "year" | "month" | "day" | "hour" | "minute" | "second";

const formats = new Map<string, Intl.DateTimeFormat>();

// Making a DateTimeFormat takes far longer than using it, and a list uses it for every row.
function format(timeZone: string | undefined): Intl.DateTimeFormat {
  const key = timeZone ?? "";
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat("en-GB", {
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      hourCycle: "h23",
      ...(timeZone ? { timeZone } : {}),
    });
    formats.set(key, found);
  }
  return found;
}

function parts(instant: string, timeZone: string | undefined): Record<Part, string> {
  const found = format(timeZone).formatToParts(new Date(instant));
  return Object.fromEntries(found.map(({ type, value }) => [type, value])) as Record<Part, string>;
}
