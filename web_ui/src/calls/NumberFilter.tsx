import { Input } from "antd";
import { useTranslation } from "react-i18next";
import { ClearMark } from "./ClearMark";
import { useDraft } from "./useDraft";

interface Props {
  number: string;
  onChange: (number: string) => void;
}

export function NumberFilter({ number, onChange }: Props) {
  const { t } = useTranslation();
  const draft = useDraft(number, onChange);
  return (
    <Input
      className="filter-number"
      aria-label={t("filter.number")}
      placeholder={t("filter.numberHint")}
      allowClear={{ clearIcon: <ClearMark /> }}
      maxLength={64}
      inputMode="tel"
      autoComplete="off"
      {...draft}
    />
  );
}
