import { type MouseEvent, memo } from "react";
import type { CallItem } from "../api/client";
import { CallCell } from "./CallCell";
import type { ColumnKey } from "./columns";

interface Props {
  call: CallItem;
  columns: readonly ColumnKey[];
  current: boolean;
  tabbable: boolean;
  attach: (id: string, element: HTMLElement | null) => void;
  onSelect: (id: string) => void;
  onOpen: (id: string) => void;
}

/** One call. A click opens it, unless it marks text to copy; the link in the first cell is for new tabs. */
export const CallRow = memo(function CallRow(props: Props) {
  const { call, columns, current, tabbable, attach, onSelect, onOpen } = props;
  const onClick = (event: MouseEvent) => {
    if (event.defaultPrevented || getSelection()?.toString()) return;
    if (event.target instanceof Element && event.target.closest("a")) {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
    }
    onSelect(call.id);
    onOpen(call.id);
  };
  return (
    <tr
      ref={(element) => attach(call.id, element)}
      data-call={call.id}
      className={current ? "current" : undefined}
      aria-current={current || undefined}
      tabIndex={tabbable ? 0 : -1}
      onFocus={() => onSelect(call.id)}
      onClick={onClick}
    >
      {columns.map((column) => (
        <td key={column} className={`cell-${column}`}>
          <CallCell call={call} column={column} />
        </td>
      ))}
    </tr>
  );
});
