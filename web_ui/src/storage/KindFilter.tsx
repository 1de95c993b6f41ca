import { Select } from "antd";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { RUN_KINDS, type Run } from "./progress";

const NAME = "kind";

/** The kind of runs that is listed, all of them where it is undefined. The address holds it. */
export function useKind() {
  const [params, setParams] = useSearchParams();
  const kind = RUN_KINDS.find((known) => known === params.get(NAME));
  const setKind = (wanted: Run["kind"] | "") =>
    setParams(
      (before) => {
        const after = new URLSearchParams(before);
        if (wanted) after.set(NAME, wanted);
        else after.delete(NAME);
        return after;
      },
      { replace: true, preventScrollReset: true },
    );
  return { kind, setKind };
}

export function KindFilter({ kind, setKind }: ReturnType<typeof useKind>) {
  const { t } = useTranslation();
  return (
    <Select
      aria-label={t("run.kind")}
      className="run-kinds"
      value={kind ?? ""}
      onChange={setKind}
      options={[
        { value: "" as const, label: t("run.everyKind") },
        ...RUN_KINDS.map((value) => ({ value, label: t(`run.${value}`) })),
      ]}
    />
  );
}
