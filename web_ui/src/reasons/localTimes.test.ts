import { expect, it } from "vitest";
import { localTimes } from "./localTimes";

it.each([
  ["nas is down since 2026-11-22 22:25 UTC: refused.", "nas is down since 2026-11-23 06:25: refused."],
  ["存储目标 nas 自 2026-11-22 22:25:07 UTC 起中断", "存储目标 nas 自 2026-11-23 06:25:07 起中断"],
  ["2026-11-22 22:25 without a zone stays", "2026-11-22 22:25 without a zone stays"],
])("says %j in Shanghai as %j", (text, local) => expect(localTimes(text, "Asia/Shanghai")).toBe(local));
