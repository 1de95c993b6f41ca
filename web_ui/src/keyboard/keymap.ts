/** Which key does what on which page: one table, that the pages act on and the key help shows. */

export type Page = "everywhere" | "calls" | "call" | "compliance" | "storage" | "audit";

export interface Binding {
  readonly page: Page;
  /** Values of `KeyboardEvent.key`; `Shift+` in front where the key alone does not show it. */
  readonly keys: readonly string[];
  readonly action: string;
}

export const KEYMAP = [
  { page: "everywhere", keys: ["?"], action: "help" },
  { page: "calls", keys: ["j", "ArrowDown"], action: "rowDown" },
  { page: "calls", keys: ["k", "ArrowUp"], action: "rowUp" },
  { page: "calls", keys: ["Home"], action: "rowFirst" },
  { page: "calls", keys: ["End"], action: "rowLast" },
  { page: "calls", keys: ["Enter"], action: "open" },
  { page: "calls", keys: ["/"], action: "search" },
  { page: "calls", keys: ["n"], action: "nextPage" },
  { page: "calls", keys: ["p"], action: "previousPage" },
  { page: "calls", keys: ["r"], action: "refresh" },
  { page: "calls", keys: ["x"], action: "clear" },
  { page: "call", keys: [" "], action: "playPause" },
  { page: "call", keys: ["ArrowLeft"], action: "back5" },
  { page: "call", keys: ["ArrowRight"], action: "forward5" },
  { page: "call", keys: ["Shift+ArrowLeft"], action: "back15" },
  { page: "call", keys: ["Shift+ArrowRight"], action: "forward15" },
  { page: "call", keys: ["Home"], action: "toStart" },
  { page: "call", keys: ["<", ","], action: "slower" },
  { page: "call", keys: [">", "."], action: "faster" },
  { page: "call", keys: ["1"], action: "muteA" },
  { page: "call", keys: ["2"], action: "muteB" },
  { page: "call", keys: ["b"], action: "bothEars" },
  { page: "call", keys: ["l"], action: "loop" },
  { page: "call", keys: ["s"], action: "skipSilence" },
  { page: "call", keys: ["t"], action: "addTag" },
  { page: "call", keys: ["+", "="], action: "zoomIn" },
  { page: "call", keys: ["-"], action: "zoomOut" },
  { page: "call", keys: ["j", "n"], action: "nextCall" },
  { page: "call", keys: ["k", "p"], action: "previousCall" },
  { page: "call", keys: ["Escape"], action: "toList" },
  { page: "compliance", keys: ["j", "ArrowDown"], action: "rowDown" },
  { page: "compliance", keys: ["k", "ArrowUp"], action: "rowUp" },
  { page: "compliance", keys: ["Enter"], action: "openRow" },
  { page: "compliance", keys: ["s"], action: "stepRow" },
  { page: "compliance", keys: ["w"], action: "preview" },
  { page: "compliance", keys: ["o"], action: "over" },
  { page: "compliance", keys: ["r"], action: "refresh" },
  { page: "compliance", keys: ["u"], action: "newRule" },
  { page: "compliance", keys: ["h"], action: "newHold" },
  { page: "compliance", keys: ["e"], action: "newErasure" },
  { page: "storage", keys: ["j", "ArrowDown"], action: "rowDown" },
  { page: "storage", keys: ["k", "ArrowUp"], action: "rowUp" },
  { page: "storage", keys: ["Enter"], action: "openRow" },
  { page: "storage", keys: ["s"], action: "stopRun" },
  { page: "storage", keys: ["a"], action: "againRun" },
  { page: "storage", keys: ["r"], action: "refresh" },
  { page: "audit", keys: ["j", "ArrowDown"], action: "rowDown" },
  { page: "audit", keys: ["k", "ArrowUp"], action: "rowUp" },
  { page: "audit", keys: ["Enter"], action: "openRow" },
  { page: "audit", keys: ["n"], action: "older" },
  { page: "audit", keys: ["p"], action: "newer" },
  { page: "audit", keys: ["v"], action: "verifyLog" },
  { page: "audit", keys: ["r"], action: "refresh" },
] as const satisfies readonly Binding[];

export type Action = (typeof KEYMAP)[number]["action"];

/** What of a key press decides; a `KeyboardEvent` has it. */
export interface Press {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}

/** The action of a key press on a page, if any. Presses with Ctrl, Alt or Meta belong to the browser. */
export function actionOf(press: Press, page: Page): Action | undefined {
  if (press.ctrlKey || press.altKey || press.metaKey) return undefined;
  const name = press.shiftKey && press.key.length > 1 ? `Shift+${press.key}` : press.key;
  return KEYMAP.find((binding) => binding.page === page && (binding.keys as readonly string[]).includes(name))
    ?.action;
}

/** Whether the key types or chooses something in the element that has the focus, so that it is not ours. */
export function isTyping(tagName: string, role: string | null, editable: boolean): boolean {
  return editable || ["INPUT", "TEXTAREA", "SELECT"].includes(tagName) || role === "combobox";
}

/** Whether the key moves a slider that has the focus. */
export function isSliding(key: string): boolean {
  return key.startsWith("Arrow") || key.startsWith("Page") || key === "Home" || key === "End";
}

/** Whether the focused element itself answers the key: Enter and Space press buttons and follow links. */
export function isPressing(key: string, tagName: string): boolean {
  return (key === "Enter" || key === " ") && ["BUTTON", "A", "SUMMARY"].includes(tagName);
}
