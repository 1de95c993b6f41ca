import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "../app/session";
import { useSayFailure } from "../app/useSayFailure";
import { fileSize } from "../format/size";
import { clock, stamp } from "../format/time";
import { useLanguage } from "../i18n/useLanguage";
import { Bar } from "./Bar";
import { isOpen, percent, type Run, runSeconds } from "./progress";
import { Report } from "./Report";
import { useOrder } from "./useStorage";

/** Work on the archive, the latest first; what works still shows how far it is and can be stopped. */
export function RunTable({ runs }: { runs: readonly Run[] }) {
  const { t } = useTranslation();
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
          {runs.map((run) => (
            <RunRow key={run.id} run={run} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function RunRow({ run }: { run: Run }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <>
      <tr>
        <th scope="row">
          <Button
            type="link"
            size="small"
            className="flush"
            aria-expanded={open}
            title={t("run.report")}
            onClick={() => setOpen(!open)}
          >
            <span aria-hidden="true">{open ? "▾" : "▸"}</span> {t(`run.${run.kind}`)}
          </Button>
        </th>
        <td>{run.target || "–"}</td>
        <td className={`run-${run.state}`}>
          {run.stop_asked_by && run.state === "running" ? t("run.stopping") : t(`run.is.${run.state}`)}
        </td>
        <td>
          <Progress run={run} />
        </td>
        <td className="count">{run.bytes > 0 ? fileSize(run.bytes) : "–"}</td>
        <td className="at">{stamp(run.started)}</td>
        <td className="count">{run.state === "asked" ? "–" : clock(runSeconds(run, new Date()))}</td>
        <td>{run.asked_by || t("run.byItself")}</td>
        <td className="run-message">{run.message}</td>
        <td className="steps">{isOpen(run) && !run.stop_asked_by && <Stop run={run} />}</td>
      </tr>
      {open && (
        <tr>
          <td colSpan={10}>
            <Report run={run} />
          </td>
        </tr>
      )}
    </>
  );
}

function Progress({ run }: { run: Run }) {
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

function Stop({ run }: { run: Run }) {
  const { t } = useTranslation();
  const mayRun = useMay("storage.run");
  const say = useSayFailure();
  const order = useOrder();
  if (!mayRun) return null;
  return (
    <Button
      size="small"
      loading={order.isPending}
      title={t("run.stopHint")}
      onClick={() => order.mutate({ what: "stop", id: run.id }, { onError: say })}
    >
      {t("run.stop")}
    </Button>
  );
}
