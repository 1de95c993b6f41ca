import { Select } from "antd";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { RUN_KINDS } from "./progress";

const KIND = "kind";
const TARGET = "at";

/** Which runs are listed: of one kind, at one target, or all of them. The address holds it. */
export function useRunFilter() {
  const [params, setParams] = useSearchParams();
  const set = (name: string, value: string) =>
    setParams(
      (before) => {
        const after = new URLSearchParams(before);
        if (value) after.set(name, value);
        else after.delete(name);
        return after;
      },
      { replace: true, preventScrollReset: true },
    );
  return {
    kind: RUN_KINDS.find((known) => known === params.get(KIND)),
    target: params.get(TARGET) ?? "",
    set,
  };
}

interface Props extends ReturnType<typeof useRunFilter> {
  targets: readonly string[];
}

export function RunFilter({ kind, target, set, targets }: Props) {
  const { t } = useTranslation();
  const known = target && !targets.includes(target) ? [...targets, target] : targets;
  return (
    <>
      {known.length > 1 && (
        <Select
          aria-label={t("storage.target")}
          className="run-targets"
          value={target}
          onChange={(value) => set(TARGET, value)}
          showSearch={{ optionFilterProp: "label" }}
          options={[
            { value: "", label: t("run.everyTarget") },
            ...known.map((value) => ({ value, label: value })),
          ]}
        />
      )}
      <Select
        aria-label={t("run.kind")}
        className="run-kinds"
        value={kind ?? ""}
        onChange={(value) => set(KIND, value)}
        options={[
          { value: "" as const, label: t("run.everyKind") },
          ...RUN_KINDS.map((value) => ({ value, label: t(`run.${value}`) })),
        ]}
      />
    </>
  );
}
