import { Select } from "antd";
import { useTranslation } from "react-i18next";
import { useTagsInUse } from "../call/useTags";

interface Props {
  tag: string;
  onChange: (tag: string) => void;
}

/** One of the tags in use within reach, found by any part of it. */
export function TagFilter({ tag, onChange }: Props) {
  const { t } = useTranslation();
  const { data, isLoading, refetch } = useTagsInUse(true);
  const known = data?.items ?? [];
  // A shared link may name a tag that nothing within reach bears any more.
  const shown = tag && !known.includes(tag) ? [tag, ...known] : known;
  return (
    <Select
      aria-label={t("filter.tag")}
      className="filter-tag"
      showSearch={{ filterOption: (typed, option) => matches(String(option?.value ?? ""), typed) }}
      loading={isLoading}
      popupMatchSelectWidth={220}
      notFoundContent={t("filter.noTags")}
      value={tag}
      onChange={onChange}
      onOpenChange={(open) => open && void refetch()}
      options={[{ value: "", label: t("filter.anyTag") }, ...shown.map((value) => ({ value, label: value }))]}
    />
  );
}

function matches(tag: string, typed: string): boolean {
  return tag.toLowerCase().includes(typed.trim().toLowerCase());
}
