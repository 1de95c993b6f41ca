import { TableOutlined } from "@ant-design/icons";
import { Button, Checkbox, Popover } from "antd";
import { useTranslation } from "react-i18next";
import { COLUMNS, chosenColumns, DEFAULT_COLUMNS, FIXED_COLUMN, toggleColumn } from "./columns";

interface Props {
  columns: readonly string[];
  onChange: (columns: readonly string[]) => void;
}

export function ColumnChoice({ columns, onChange }: Props) {
  const { t } = useTranslation();
  const chosen = chosenColumns(columns);
  const choice = (
    <div className="column-choice">
      {COLUMNS.map(({ key }) => (
        <Checkbox
          key={key}
          checked={chosen.includes(key)}
          disabled={key === FIXED_COLUMN}
          onChange={() => onChange(toggleColumn(columns, key))}
        >
          {t(`column.${key}`)}
        </Checkbox>
      ))}
      <Button type="link" size="small" onClick={() => onChange(DEFAULT_COLUMNS)}>
        {t("column.reset")}
      </Button>
    </div>
  );
  return (
    <Popover content={choice} trigger="click" placement="topRight">
      <Button icon={<TableOutlined aria-hidden="true" />}>{t("column.title")}</Button>
    </Popover>
  );
}
