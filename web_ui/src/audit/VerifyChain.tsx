import { Alert, Button } from "antd";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { useErrorText } from "../app/useErrorText";
import { useLanguage } from "../i18n/useLanguage";
import { useKeys } from "../keyboard/useKeys";
import { useVerify } from "./useAudit";

/** Says on demand whether the log is as it was written, and from which event on it is not. */
export function VerifyChain() {
  const { t } = useTranslation();
  const { data, error, isPending, mutate } = useVerify();
  useKeys("audit", { verifyLog: () => mutate() });
  const errorText = useErrorText();
  const problem = error && errorText(error);
  return (
    <div className="audit-verify">
      <Button loading={isPending} title={`${t("audit.verifyHint")} (v)`} onClick={() => mutate()}>
        {t("audit.verify")}
      </Button>
      {problem && <Alert type="warning" showIcon title={problem.title} description={problem.hint} />}
      {data && !isPending && <Verdict verdict={data} />}
    </div>
  );
}

function Verdict({ verdict }: { verdict: Schemas["AuditVerification"] }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const { intact, checked, first_altered } = verdict;
  if (intact)
    return (
      <span className="good" role="status">
        ✓ {t("audit.intact", { count: checked, shown: checked.toLocaleString(language) })}
      </span>
    );
  return (
    <Alert
      type="error"
      showIcon
      title={t("audit.altered", { id: String(first_altered ?? "?") })}
      description={t("audit.alteredHint")}
    />
  );
}
