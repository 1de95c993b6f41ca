import { LeftOutlined, ReloadOutlined, RightOutlined } from "@ant-design/icons";
import { Button, Select, Switch } from "antd";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { zoneName } from "../format/time";
import { useLanguage } from "../i18n/useLanguage";
import { ColumnChoice } from "./ColumnChoice";
import { ROWS } from "./rows";
import type { ListView } from "./useListView";

interface Props {
  total: Schemas["Total"] | undefined;
  view: ListView;
  /** Undefined where there is no such page. */
  onNext: (() => void) | undefined;
  onPrevious: (() => void) | undefined;
  onRefresh: () => void;
}

/** Below the list: how many there are, how they are shown, and the way to the next page. */
export function ListFoot({ total, view, onNext, onPrevious, onRefresh }: Props) {
  const { t } = useTranslation();
  return (
    <footer className="calls-foot">
      <Total total={total} />
      <span className="muted zone">{t("app.times", { zone: zoneName() })}</span>
      <label className="watch" htmlFor="watch">
        <Switch id="watch" size="small" checked={view.watching} onChange={view.setWatching} />{" "}
        {t("list.watch")}
      </label>
      <ColumnChoice columns={view.columns} onChange={view.setColumns} />
      <Select
        aria-label={t("list.perPage")}
        value={view.rows}
        onChange={view.setRows}
        options={ROWS.map((n) => ({ value: n, label: t("list.rows", { n: String(n) }) }))}
        popupMatchSelectWidth={false}
      />
      <Button
        icon={<ReloadOutlined aria-hidden="true" />}
        aria-label={t("list.refresh")}
        title={`${t("list.refresh")} (r)`}
        onClick={onRefresh}
      />
      <Button
        icon={<LeftOutlined aria-hidden="true" />}
        disabled={!onPrevious}
        title={`${t("list.previous")} (p)`}
        onClick={onPrevious}
      >
        {t("list.previous")}
      </Button>
      <Button disabled={!onNext} title={`${t("list.next")} (n)`} onClick={onNext}>
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
