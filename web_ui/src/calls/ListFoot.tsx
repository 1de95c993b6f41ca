import { LeftOutlined, ReloadOutlined, RightOutlined } from "@ant-design/icons";
import { Button, Select, Switch } from "antd";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { zoneName } from "../format/time";
import { useLanguage } from "../i18n/useLanguage";
import { ColumnChoice } from "./ColumnChoice";

interface Props {
  total: Schemas["Total"] | undefined;
  rows: number;
  columns: readonly string[];
  watching: boolean;
  hasNext: boolean;
  hasPrevious: boolean;
  onRows: (rows: number) => void;
  onColumns: (columns: readonly string[]) => void;
  onWatch: (watching: boolean) => void;
  onNext: () => void;
  onPrevious: () => void;
  onRefresh: () => void;
}

const ROWS = [25, 50, 100, 200];

/** Below the list: how many there are, how they are shown, and the way to the next page. */
export function ListFoot(props: Props) {
  const { t } = useTranslation();
  return (
    <footer className="calls-foot">
      <Total total={props.total} />
      <span className="muted zone">{t("app.times", { zone: zoneName() })}</span>
      <label className="watch" htmlFor="watch">
        <Switch id="watch" size="small" checked={props.watching} onChange={props.onWatch} /> {t("list.watch")}
      </label>
      <ColumnChoice columns={props.columns} onChange={props.onColumns} />
      <Select
        aria-label={t("list.perPage")}
        value={props.rows}
        onChange={props.onRows}
        options={ROWS.map((n) => ({ value: n, label: t("list.rows", { n: String(n) }) }))}
        popupMatchSelectWidth={false}
      />
      <Button
        icon={<ReloadOutlined aria-hidden="true" />}
        aria-label={t("list.refresh")}
        title={`${t("list.refresh")} (r)`}
        onClick={props.onRefresh}
      />
      <Button
        icon={<LeftOutlined aria-hidden="true" />}
        disabled={!props.hasPrevious}
        title={`${t("list.previous")} (p)`}
        onClick={props.onPrevious}
      >
        {t("list.previous")}
      </Button>
      <Button disabled={!props.hasNext} title={`${t("list.next")} (n)`} onClick={props.onNext}>
        {t("list.next")} <RightOutlined aria-hidden="true" />
      </Button>
    </footer>
  );
}

function Total({ total }: { total: Schemas["Total"] | undefined }) {
  const { t } = useTranslation();
  const language = useLanguage();
  if (!total) return <span className="total" />;
  const shown = total.value.toLocaleString(language);
  return (
    <span className="total" role="status">
      {total.capped ? t("list.totalCapped", { shown }) : t("list.total", { count: total.value, shown })}
    </span>
  );
}
