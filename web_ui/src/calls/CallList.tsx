import type { CallItem } from "../api/client";
import { useKeys } from "../keyboard/useKeys";
import { CallTable } from "./CallTable";
import type { ColumnKey } from "./columns";
import { useOpenedCall } from "./opened";
import { useRowCursor } from "./useRowCursor";

interface Props {
  calls: readonly CallItem[];
  columns: readonly ColumnKey[];
  loading: boolean;
  dimmed: boolean;
  onOpen: (id: string) => void;
}

/** The table and the row that the keys act on. Apart from the page: a step down the list renders two rows only. */
export function CallList({ calls, columns, loading, dimmed, onOpen }: Props) {
  const cursor = useRowCursor(calls, useOpenedCall().current);
  useKeys("calls", {
    rowDown: () => cursor.move(1),
    rowUp: () => cursor.move(-1),
    rowFirst: cursor.first,
    rowLast: cursor.last,
    open: () => cursor.id && onOpen(cursor.id),
  });
  return (
    <CallTable
      calls={calls}
      columns={columns}
      loading={loading}
      dimmed={dimmed}
      cursor={cursor}
      onOpen={onOpen}
    />
  );
}
