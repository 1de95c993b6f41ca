import { useTranslation } from "react-i18next";
import type { CallItem } from "../api/client";
import { zoneName } from "../format/time";
import { CallRow } from "./CallRow";
import { COLUMNS, type ColumnKey } from "./columns";
import type { RowCursor } from "./useRowCursor";

interface Props {
  calls: readonly CallItem[];
  columns: readonly ColumnKey[];
  loading: boolean;
  dimmed: boolean;
  cursor: RowCursor;
  onOpen: (id: string) => void;
}

const SKELETON_ROWS = [..."abcdefghijklmn"];

/** The calls as a table: plain rows, so that a hundred of them cost nothing to move through. */
export function CallTable({ calls, columns, loading, dimmed, cursor, onOpen }: Props) {
  const { t } = useTranslation();
  const shown = COLUMNS.filter(({ key }) => columns.includes(key));
  const first = cursor.id || calls[0]?.id;
  return (
    <table
      className={dimmed ? "call-table call-table-dimmed" : "call-table"}
      style={{ minWidth: shown.reduce((sum, { width }) => sum + width, 0) }}
    >
      <caption className="visually-hidden">{t("list.title")}</caption>
      <colgroup>
        {shown.map(({ key, width }) => (
          <col key={key} style={{ width }} />
        ))}
      </colgroup>
      <thead>
        <tr>
          {shown.map(({ key }) => (
            <th
              key={key}
              scope="col"
              className={`cell-${key}`}
              title={key === "start" || key === "end" ? t("app.times", { zone: zoneName() }) : undefined}
            >
              {t(`column.${key}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {calls.map((call) => (
          <CallRow
            key={call.id}
            call={call}
            columns={columns}
            current={call.id === cursor.id}
            tabbable={call.id === first}
            attach={cursor.attach}
            onSelect={cursor.select}
            onOpen={onOpen}
          />
        ))}
        {loading && SKELETON_ROWS.map((row) => <SkeletonRow key={row} columns={columns} />)}
      </tbody>
    </table>
  );
}

function SkeletonRow({ columns }: { columns: readonly ColumnKey[] }) {
  return (
    <tr className="skeleton">
      {columns.map((column) => (
        <td key={column}>
          <span />
        </td>
      ))}
    </tr>
  );
}
