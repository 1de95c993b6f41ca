import { useCallback, useEffect, useRef, useState } from "react";

export interface RowCursor {
  /** The row that the keys act on, "" where none is. */
  readonly id: string;
  readonly select: (id: string) => void;
  readonly move: (by: number) => void;
  readonly first: () => void;
  readonly last: () => void;
  /** Takes the element of a row, to give it the focus when the keys move there. */
  readonly attach: (id: string, element: HTMLElement | null) => void;
}

/** The row that the keyboard stands on; starts at `initial` where the list has it. */
export function useRowCursor(rows: readonly { readonly id: string }[], initial: string): RowCursor {
  const [id, setId] = useState(initial);
  const elements = useRef(new Map<string, HTMLElement>());
  const current = rows.some((row) => row.id === id) ? id : "";

  const goTo = (index: number) => {
    const wanted = rows[Math.min(Math.max(index, 0), rows.length - 1)];
    if (!wanted) return;
    setId(wanted.id);
    elements.current.get(wanted.id)?.focus();
  };
  const index = rows.findIndex((row) => row.id === current);

  // Coming back from a call, the row that was open is in view and has the focus.
  const arrived = useRef(false);
  useEffect(() => {
    if (arrived.current || rows.length === 0) return;
    arrived.current = true;
    elements.current.get(initial)?.focus();
  }, [rows, initial]);

  return {
    id: current,
    select: setId,
    move: (by) => goTo(index < 0 ? (by > 0 ? 0 : rows.length - 1) : index + by),
    first: () => goTo(0),
    last: () => goTo(rows.length - 1),
    attach: useCallback((row, element) => {
      if (element) elements.current.set(row, element);
      else elements.current.delete(row);
    }, []),
  };
}
