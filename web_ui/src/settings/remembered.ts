/** What this browser remembers between visits; a browser that forbids storage remembers nothing. */

const PREFIX = "earwitness.";

/** The remembered value, or `fallback` where nothing fitting is stored. */
export function recall<T>(name: string, fits: (value: unknown) => value is T, fallback: T): T {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(PREFIX + name) ?? "null");
    return fits(value) ? value : fallback;
  } catch {
    // Storage is forbidden or somebody wrote something else there: both mean "nothing remembered".
    return fallback;
  }
}

export function remember(name: string, value: unknown): void {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // Full or forbidden storage costs a preference, not the work.
  }
}

export const isBoolean = (value: unknown): value is boolean => typeof value === "boolean";
export const isStrings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === "string");
