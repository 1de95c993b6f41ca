import { useTranslation } from "react-i18next";
import { useLanguage } from "../i18n/useLanguage";
import { Bar } from "./Bar";
import { percent, type Run } from "./progress";

/** How far a run is. */
export function RunProgress({ run }: { run: Run }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const done = run.done.toLocaleString(language);
  if (run.total === null) return run.done > 0 ? done : "–";
  const label = t("run.doneOf", { done, total: run.total.toLocaleString(language) });
  return (
    <>
      {run.state === "running" && <Bar percent={percent(run.done, run.total)} label={label} />} {label}
    </>
  );
}
