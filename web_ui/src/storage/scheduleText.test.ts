import type { TFunction } from "i18next";
import { expect, it } from "vitest";
import type { Target } from "./progress";
import { clockText, nextText } from "./scheduleText";

const t = ((key: string, values?: object) => [key, ...Object.values(values ?? {})].join(" ")) as TFunction;
const NOW = new Date("2026-11-22T12:00:00Z");
const minutes = -NOW.getTimezoneOffset();
const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
const HERE = `${minutes < 0 ? "-" : "+"}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;

it("names the clock of a window only where the reader's shows another time", () => {
  expect(clockText("20:00-06:00", HERE, t, NOW)).toBe("20:00-06:00");
  expect(clockText("20:00-06:00", "+13:45", t, NOW)).toBe("storage.serverClock 20:00-06:00 +13:45");
  expect(clockText("", "+13:45", t, NOW)).toBe("");
  expect(clockText("every day", "+13:45", t, NOW)).toBe("every day");
});

it("says when copies begin, or since when they could", () => {
  const target = (schedule: string, next_run: string | null) => ({ schedule, next_run }) as Target;
  expect(nextText(target("continuous", null), NOW, t)).toBe("storage.always");
  expect(nextText(target("daily", null), NOW, t)).toBe("storage.unplanned");
  expect(nextText(target("daily", "2026-11-22T12:00:01Z"), NOW, t)).toMatch(/^2026-11-2\d /);
  expect(nextText(target("daily", "2026-11-22T11:59:00Z"), NOW, t)).toMatch(/^storage.due 2026-11-2\d /);
});
