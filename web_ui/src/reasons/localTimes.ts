import { stamp } from "../format/time";

const UTC_TIME = /\b(\d{4}-\d\d-\d\d) (\d\d:\d\d)(:\d\d)? UTC\b/g;

/** The same text with its times of UTC in the reader's time zone, as all other times on the page are. Pure. */
export function localTimes(text: string, timeZone?: string): string {
  return text.replace(UTC_TIME, (_, day: string, time: string, seconds: string | undefined) => {
    const local = stamp(`${day}T${time}${seconds ?? ":00"}Z`, timeZone);
    return seconds ? local : local.slice(0, -3);
  });
}
