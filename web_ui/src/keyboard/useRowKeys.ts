import { type RefObject, useRef } from "react";
import type { Page } from "./keymap";
import { nextRow } from "./rows";
import { type Handlers, useKeys } from "./useKeys";

const ROW = "[data-row]";
const ENABLED = "button:not(:disabled):not([aria-disabled=true])";
/** What Enter on a row presses: the element that opens it, else the first thing that can be done. */
const OPENS = ["[data-opens]", ENABLED, "a[href]"];
const STEP = `.steps ${ENABLED}`;

/**
 * Steps through the rows (`data-row`, `tabIndex` −1) below `area` and opens the one that has the focus.
 *
 * A row that goes away, or a button in it, leaves the focus nowhere: the next step goes on beside it.
 */
export function useRowKeys(page: Page, area: RefObject<HTMLElement | null>, more: Handlers = {}): void {
  const last = useRef(-1);
  const rows = () => [...(area.current?.querySelectorAll<HTMLElement>(ROW) ?? [])];
  const here = () => document.activeElement?.closest<HTMLElement>(ROW) ?? null;
  const move = (by: number) => {
    const all = rows();
    const current = here();
    const to = nextRow(current ? all.indexOf(current) : -1, last.current, by, all.length);
    last.current = to;
    all[to]?.focus();
  };
  const press = (selectors: readonly string[]) => {
    const row = here();
    const found = selectors.map((one) => row?.querySelector<HTMLElement>(one)).find((one) => one);
    last.current = row ? rows().indexOf(row) : last.current;
    found?.focus();
    found?.click();
  };
  useKeys(page, {
    rowDown: () => move(1),
    rowUp: () => move(-1),
    openRow: () => press(OPENS),
    stepRow: () => press([STEP]),
    stopRun: () => press(["[data-stops]"]),
    againRun: () => press(["[data-again]"]),
    ...more,
  });
}
