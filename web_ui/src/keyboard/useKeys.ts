import { useLayoutEffect, useRef } from "react";
import { type Action, actionOf, isPressing, isSliding, isTyping, type Page } from "./keymap";

export type Handlers = Partial<Record<Action, () => void>>;

/** Runs the handler of each key of `page` while the component is shown, unless the user types or a dialog is open. */
export function useKeys(page: Page, handlers: Handlers): void {
  const latest = useRef(handlers);
  // Before it is painted: who sees the page may press a key at once.
  useLayoutEffect(() => {
    latest.current = handlers;
  });
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || belongsElsewhere(event)) return;
      const action = actionOf(event, page);
      const handler = action && latest.current[action];
      if (!handler) return;
      event.preventDefault();
      handler();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [page]);
}

function belongsElsewhere(event: KeyboardEvent): boolean {
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  const inside = target.closest("[role=dialog], [role=menu], [role=radiogroup]");
  const slides = isSliding(event.key) ? target.closest("[role=slider]:not([data-page-keys])") : null;
  return (
    inside !== null ||
    slides !== null ||
    isTyping(target.tagName, target.getAttribute("role"), target.isContentEditable) ||
    isPressing(event.key, target.tagName)
  );
}
