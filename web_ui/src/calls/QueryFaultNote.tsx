import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { en } from "../i18n/en";
import type { QueryFault } from "./queryError";

const isReason = (reason: string): reason is keyof typeof en.fault => reason in en.fault;

interface Props {
  fault: QueryFault;
  onCorrect: (text: string) => void;
}

/** What is wrong with the query, where, and what was probably meant, to be clicked. */
export function QueryFaultNote({ fault, onCorrect }: Props) {
  const { t } = useTranslation();
  const { corrected } = fault;
  // Each text has its own values, so the compiler cannot tell whether those of the server fit: any may come.
  const reasonText = () =>
    isReason(fault.reason)
      ? t(`fault.${fault.reason}` as "fault.unclosedQuote", { replace: fault.values })
      : fault.detail;
  return (
    <div id="query-fault" className="query-fault" role="alert">
      <span>{reasonText()}</span>
      <code>
        {fault.before}
        <mark>{fault.wrong || "\u00a0"}</mark>
        {fault.after}
      </code>
      {corrected !== undefined && (
        <span>
          {t("query.suggestion")}{" "}
          <Button type="link" size="small" onClick={() => onCorrect(corrected)}>
            {corrected}
          </Button>
        </span>
      )}
    </div>
  );
}
