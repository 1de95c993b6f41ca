import type { TFunction } from "i18next";
import { stamp } from "../format/time";
import type { Target } from "./progress";

/** A schedule in words: cron expressions stay as they are, nothing for what is always on. */
export function scheduleText(schedule: string, t: TFunction): string {
  switch (schedule) {
    case "continuous":
      return "";
    case "hourly":
    case "daily":
    case "weekly":
    case "monthly":
      return t(`storage.schedule.${schedule}`);
    default:
      return schedule;
  }
}

/**
 * Times of day as the settings say them, and by which clock where the reader's shows another time: windows and
 * cron expressions go by the server's. `zone` is how far that is from UTC, `+08:00`; times of day have digits.
 */
export function clockText(text: string, zone: string, t: TFunction, now = new Date()): string {
  if (!/\d/.test(text) || !zone || zone === offset(now)) return text;
  return t("storage.serverClock", { text, zone });
}

/** When copies begin next. */
export function nextText({ schedule, next_run }: Target, now: Date, t: TFunction): string {
  if (!next_run) return t(schedule === "continuous" ? "storage.always" : "storage.unplanned");
  const time = stamp(next_run);
  return Date.parse(next_run) < now.getTime() ? t("storage.due", { time }) : time;
}

/** How far the reader's clock is from UTC, `+08:00`. */
function offset(now: Date): string {
  const minutes = -now.getTimezoneOffset();
  const two = (value: number) => String(value).padStart(2, "0");
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
