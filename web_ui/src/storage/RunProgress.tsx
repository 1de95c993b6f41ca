import { useTranslation } from "react-i18next";
import { clock } from "../format/time";
import { useLanguage } from "../i18n/useLanguage";
import { Bar } from "./Bar";
import { type Pace, paceOf, percent, type Run, rateText } from "./progress";

/** How far a run is, and as long as it works how fast, and how long it will take still. */
export function RunProgress({ run }: { run: Run }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const done = run.done.toLocaleString(language);
  const pace = paceOf(run);
  if (run.total === null)
    return (
      <>
        {run.done > 0 ? done : "–"} {pace && <PaceText pace={pace} />}
      </>
    );
  const label = t("run.doneOf", { done, total: run.total.toLocaleString(language) });
  if (run.state !== "running") return label;
  return (
    <>
      <Bar percent={percent(run.done, run.total)} label={label} /> {label}
      {pace && <PaceText pace={pace} />}
    </>
  );
}

function PaceText({ pace }: { pace: Pace }) {
  const { t } = useTranslation();
  const { bytesPerSecond, perSecond, secondsLeft } = pace;
  const rate = bytesPerSecond > 0 ? rateText(bytesPerSecond) : t("run.perSecond", { rate: perSecond });
  return (
    <div className="muted">
      {rate}
      {secondsLeft !== null && ` · ${t("run.left", { time: clock(secondsLeft) })}`}
    </div>
  );
}
