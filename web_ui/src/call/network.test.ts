import { expect, test } from "vitest";
import type { Party } from "../api/client";
import { hasReports, milliseconds } from "./network";

test("milliseconds have a decimal where it tells something", () => {
  expect(milliseconds(0)).toBe("0.0 ms");
  expect(milliseconds(1.25)).toBe("1.3 ms");
  expect(milliseconds(119.6)).toBe("120 ms");
  expect(milliseconds(null)).toBe("–");
  expect(milliseconds(undefined)).toBe("–");
});

test("a party without reports has none", () => {
  expect(hasReports({ side: "A" } as Party)).toBe(false);
  expect(hasReports({ side: "A", jitter_ms: null, remote_lost: null } as Party)).toBe(false);
  expect(hasReports({ side: "A", remote_lost: 0 } as Party)).toBe(true);
});
