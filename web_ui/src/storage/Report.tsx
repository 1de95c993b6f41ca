import { Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { FailureLine } from "../app/FailureLine";
import { BadCopies } from "./BadCopies";
import { isOpen, type Run } from "./progress";
import { badCopiesFile, reportFileName, verificationFile } from "./reportFile";
import { reportName, reportValue } from "./reportName";
import { reportRows } from "./reportRows";
import { SaveReport } from "./SaveReport";
import { badCopies } from "./scrubbing";
import { useReport } from "./useStorage";
import { VerificationReport } from "./VerificationReport";
import { verificationOf } from "./verification";

/** What a run found. */
export function Report({ run }: { run: Run }) {
  const { t } = useTranslation();
  const { data, error, isFetching, refetch } = useReport(run.id, `${run.state} ${run.done}`);
  if (error) return <FailureLine error={error} busy={isFetching} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton active title={false} paragraph={{ rows: 1 }} />;
  const verification = verificationOf(data.report);
  if (verification)
    return (
      <>
        <SaveReport name={reportFileName(run)} text={() => verificationFile(run, verification, t)} />
        <VerificationReport found={verification} />
      </>
    );
  const bad = badCopies(data.report);
  if (bad)
    return (
      <>
        <SaveReport name={reportFileName(run)} text={() => badCopiesFile(run, bad, t)} />
        <BadCopies copies={bad} />
      </>
    );
  const rows = reportRows(data.report);
  if (rows.length === 0)
    return <p className="muted none">{t(isOpen(run) ? "run.reportLater" : "run.noReport")}</p>;
  return (
    <dl className="report">
      {rows.map(({ name, value }) => (
        <div key={name}>
          <dt>{reportName(name, t)}</dt>
          <dd>{reportValue(name, value, t)}</dd>
        </div>
      ))}
    </dl>
  );
}
