import { describe, expect, it } from "vitest";
import { actionOf, isPressing, isSliding, isTyping, KEYMAP } from "./keymap";

const press = (
  key: string,
  held: Partial<Record<"shiftKey" | "ctrlKey" | "altKey" | "metaKey", boolean>> = {},
) => ({
  key,
  shiftKey: false,
  ctrlKey: false,
  altKey: false,
  metaKey: false,
  ...held,
});

describe("actionOf", () => {
  it("finds both keys of an action", () => {
    expect(actionOf(press("j"), "calls")).toBe("rowDown");
    expect(actionOf(press("ArrowDown"), "calls")).toBe("rowDown");
  });

  it("tells arrows with Shift apart", () => {
    expect(actionOf(press("ArrowLeft"), "call")).toBe("back5");
    expect(actionOf(press("ArrowLeft", { shiftKey: true }), "call")).toBe("back15");
  });

  it("takes a character that needs Shift as it is", () =>
    expect(actionOf(press("?", { shiftKey: true }), "everywhere")).toBe("help"));

  it("leaves browser shortcuts alone", () => {
    expect(actionOf(press("p", { ctrlKey: true }), "calls")).toBeUndefined();
    expect(actionOf(press("ArrowLeft", { altKey: true }), "call")).toBeUndefined();
  });

  it("is per page", () => expect(actionOf(press("/"), "call")).toBeUndefined());
});

it("binds no key twice on one page", () => {
  const bound = KEYMAP.flatMap(({ page, keys }) => keys.map((key) => `${page} ${key}`));
  expect(new Set(bound).size).toBe(bound.length);
});

describe("focus", () => {
  it("types into fields", () => {
    expect(isTyping("INPUT", null, false)).toBe(true);
    expect(isTyping("DIV", "combobox", false)).toBe(true);
    expect(isTyping("BUTTON", null, false)).toBe(false);
  });

  it("slides with arrows and leaves Space to play", () =>
    expect([isSliding("ArrowLeft"), isSliding("End"), isSliding(" ")]).toEqual([true, true, false]));

  it("presses buttons with Space but not with j", () => {
    expect(isPressing(" ", "BUTTON")).toBe(true);
    expect(isPressing("j", "BUTTON")).toBe(false);
    expect(isPressing("Enter", "TR")).toBe(false);
  });
});
