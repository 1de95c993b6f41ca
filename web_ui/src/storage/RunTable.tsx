import { useTranslation } from "react-i18next";
import { again } from "./outcome";
import { PinnedRun } from "./PinnedRun";
import type { Run, Target } from "./progress";
import { RunRow } from "./RunRow";
import { useOpenRuns } from "./useOpenRuns";

/** Work on the archive, the latest first; what works still shows how far it is and can be stopped. */
export function RunTable({ runs, targets }: { runs: readonly Run[]; targets: readonly Target[] }) {
  const { t } = useTranslation();
  const { open, toggle } = useOpenRuns();
  return (
    <div className="scroll">
      <table className="facts runs">
        <thead>
          <tr>
            <th scope="col">{t("run.kind")}</th>
            <th scope="col">{t("storage.target")}</th>
            <th scope="col">{t("storage.state")}</th>
            <th scope="col">{t("run.progress")}</th>
            <th scope="col" className="count">
              {t("run.bytes")}
            </th>
            <th scope="col">{t("run.started")}</th>
            <th scope="col" className="count">
              {t("run.took")}
            </th>
            <th scope="col">{t("run.by")}</th>
            <th scope="col">{t("run.message")}</th>
            <th scope="col">
              <span className="visually-hidden">{t("storage.work")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {open
            .filter((id) => !runs.some((run) => run.id === id))
            .map((id) => (
              <PinnedRun key={id} id={id} onToggle={() => toggle(id)} />
            ))}
          {runs.map((run) => (
            <RunRow
              key={run.id}
              run={run}
              open={open.includes(run.id)}
              onToggle={() => toggle(run.id)}
              again={again(run, runs, targets)}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}
