import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { useLanguage } from "../i18n/useLanguage";
import { useReason } from "../reasons/useReason";
import { findingText, idleOf, isAllIntact, messageOf } from "./outcome";
import type { Run } from "./progress";

/** What a run found, which leads to its report, and what the server says of it. */
export function RunOutcome({ run, onReport }: { run: Run; onReport: () => void }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const said = useReason();
  const message = messageOf(run);
  const idle = idleOf(run);
  const count = { count: run.done, shown: run.done.toLocaleString(language) };
  return (
    <>
      {run.findings.length > 0 && (
        <Button
          type="link"
          size="small"
          className="flush findings"
          title={t("run.report")}
          onClick={onReport}
        >
          {run.findings.map((finding) => (
            <span key={finding.code} className={finding.grave ? "bad" : "warn"}>
              {findingText(finding, t, language)}
            </span>
          ))}
        </Button>
      )}
      {isAllIntact(run) && <span className="good">{t("run.allIntact", count)}</span>}
      {idle && <span className="muted">{t(`run.nothing.${idle}`)}</span>}
      {message && <div>{said(message)}</div>}
    </>
  );
}
