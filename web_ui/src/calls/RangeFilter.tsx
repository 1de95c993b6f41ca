import { DatePicker } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useTranslation } from "react-i18next";
import type { Filters } from "./filters";

interface Props {
  after: string;
  before: string;
  onChange: (change: Partial<Filters>) => void;
}

const read = (instant: string) => (instant ? dayjs(instant) : null);
const write = (time: Dayjs | null | undefined) => time?.toISOString() ?? "";

/** Two ends of time, either of them open, in the user's time zone. */
export default function RangeFilter({ after, before, onChange }: Props) {
  const { t } = useTranslation();
  return (
    <DatePicker.RangePicker
      className="filter-range"
      value={[read(after), read(before)]}
      onChange={(ends) => onChange({ period: "", after: write(ends?.[0]), before: write(ends?.[1]) })}
      showTime={{ format: "HH:mm", defaultOpenValue: [dayjs().startOf("day"), dayjs().startOf("day")] }}
      format="YYYY-MM-DD HH:mm"
      allowEmpty={[true, true]}
      placeholder={[t("filter.from"), t("filter.to")]}
      aria-label={t("filter.range")}
    />
  );
}
