import type { TFunction } from "i18next";

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
