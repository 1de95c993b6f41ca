import { Select } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Filters } from "./filters";
import { PERIODS, type Period } from "./period";

const RangeFilter = lazy(() => import("./RangeFilter"));

interface Props {
  filters: Filters;
  onChange: (change: Partial<Filters>) => void;
}

type Choice = Period | "" | "range";

/** A named stretch of time, or two ends. */
export function TimeFilter({ filters, onChange }: Props) {
  const { t } = useTranslation();
  const [wantsRange, setWantsRange] = useState(false);
  const hasRange = filters.after !== "" || filters.before !== "";
  const choice: Choice = filters.period || (hasRange || wantsRange ? "range" : "");
  const choose = (chosen: Choice) => {
    setWantsRange(chosen === "range");
    if (chosen !== "range") onChange({ period: chosen, after: "", before: "" });
    else if (filters.period) onChange({ period: "" });
  };
  return (
    <>
      <Select<Choice>
        aria-label={t("filter.time")}
        className="filter-time"
        value={choice}
        onChange={choose}
        options={[
          { value: "", label: t("filter.anyTime") },
          ...PERIODS.map((value) => ({ value, label: t(`filter.${value}`) })),
          { value: "range", label: t("filter.range") },
        ]}
      />
      {choice === "range" && (
        <Suspense fallback={<span className="filter-range" />}>
          <RangeFilter after={filters.after} before={filters.before} onChange={onChange} />
        </Suspense>
      )}
    </>
  );
}
