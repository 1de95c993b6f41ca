import { Button, Select } from "antd";
import { useTranslation } from "react-i18next";
import { useMay } from "../app/session";
import { AgentFilter } from "./AgentFilter";
import { DurationFilter } from "./DurationFilter";
import { DIRECTIONS, type Filters, isUnfiltered, STATES } from "./filters";
import { NumberFilter } from "./NumberFilter";
import { TagFilter } from "./TagFilter";
import { TimeFilter } from "./TimeFilter";

interface Props {
  filters: Filters;
  onChange: (change: Partial<Filters>) => void;
  onClear: () => void;
}

/** The filters that need no query language. */
export function FilterBar({ filters, onChange, onClear }: Props) {
  const { t } = useTranslation();
  const hasTags = useMay("tags.read");
  return (
    <fieldset className="filters">
      <legend className="visually-hidden">{t("filter.title")}</legend>
      <AgentFilter agent={filters.agent} onChange={(agent) => onChange({ agent })} />
      {hasTags && <TagFilter tag={filters.tag} onChange={(tag) => onChange({ tag })} />}
      <NumberFilter number={filters.number} onChange={(number) => onChange({ number })} />
      <TimeFilter filters={filters} onChange={onChange} />
      <DurationFilter filters={filters} onChange={onChange} />
      <Select
        aria-label={t("filter.direction")}
        className="filter-direction"
        value={filters.direction}
        onChange={(direction) => onChange({ direction })}
        options={[
          { value: "" as const, label: t("filter.anyDirection") },
          ...DIRECTIONS.map((value) => ({ value, label: t(`direction.${value}`) })),
        ]}
      />
      <Select
        aria-label={t("filter.state")}
        className="filter-state"
        value={filters.state}
        onChange={(state) => onChange({ state })}
        options={[
          { value: "" as const, label: t("filter.anyState") },
          ...STATES.map((value) => ({ value, label: t(`state.${value}`) })),
        ]}
      />
      <Button
        type="text"
        onClick={onClear}
        disabled={isUnfiltered(filters)}
        title={`${t("filter.clear")} (x)`}
      >
        {t("filter.clear")}
      </Button>
    </fieldset>
  );
}
