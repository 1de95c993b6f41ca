import { Input, Space } from "antd";
import { useTranslation } from "react-i18next";
import { durationText, parseDuration } from "../format/durationText";
import type { Filters } from "./filters";
import { useDraft } from "./useDraft";

interface Props {
  filters: Filters;
  onChange: (change: Partial<Filters>) => void;
}

/** Shortest and longest; `90`, `5m` and `1:30` are all understood. */
export function DurationFilter({ filters, onChange }: Props) {
  const { t } = useTranslation();
  return (
    <Space.Compact className="filter-duration">
      <Bound
        sign="≥"
        label={t("filter.minDuration")}
        seconds={filters.minDuration}
        onChange={(minDuration) => onChange({ minDuration })}
      />
      <Bound
        sign="≤"
        label={t("filter.maxDuration")}
        seconds={filters.maxDuration}
        onChange={(maxDuration) => onChange({ maxDuration })}
      />
    </Space.Compact>
  );
}

interface BoundProps {
  sign: string;
  label: string;
  seconds: number | null;
  onChange: (seconds: number | null) => void;
}

function Bound({ sign, label, seconds, onChange }: BoundProps) {
  const { t } = useTranslation();
  const shown = seconds === null ? "" : durationText(seconds);
  const draft = useDraft(shown, (text) => {
    const parsed = parseDuration(text);
    if (text === "" || parsed !== undefined) onChange(parsed ?? null);
  });
  const wrong = draft.value !== "" && parseDuration(draft.value) === undefined;
  return (
    <Input
      prefix={<span aria-hidden="true">{sign}</span>}
      aria-label={label}
      title={label}
      placeholder={t("filter.duration")}
      status={wrong ? "error" : ""}
      aria-invalid={wrong}
      maxLength={12}
      autoComplete="off"
      {...draft}
    />
  );
}
