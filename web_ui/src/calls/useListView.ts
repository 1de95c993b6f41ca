import { useMemo } from "react";
import { isBoolean, isStrings } from "../settings/remembered";
import { useRemembered } from "../settings/useRemembered";
import { type ColumnKey, chosenColumns, DEFAULT_COLUMNS } from "./columns";
import { DEFAULT_ROWS, isRows } from "./rows";

export interface ListView {
  readonly rows: number;
  readonly columns: readonly ColumnKey[];
  /** Whether new calls are looked for. */
  readonly watching: boolean;
  readonly setRows: (rows: number) => void;
  readonly setColumns: (columns: readonly string[]) => void;
  readonly setWatching: (watching: boolean) => void;
}

/** How this user looks at the list; remembered, and no part of the address. */
export function useListView(): ListView {
  const [rows, setRows] = useRemembered("rows", isRows, DEFAULT_ROWS);
  const [stored, setColumns] = useRemembered<readonly string[]>("columns", isStrings, DEFAULT_COLUMNS);
  const [watching, setWatching] = useRemembered("watch", isBoolean, true);
  const columns = useMemo(() => chosenColumns(stored), [stored]);
  return { rows, columns, watching, setRows, setColumns, setWatching };
}
