import { Alert, Button } from "antd";
import { useTranslation } from "react-i18next";
import { ApiError } from "../api/error";
import { useErrorText } from "./useErrorText";

interface Props {
  error: unknown;
  busy: boolean;
  onRetry: () => void;
}

/** One part of a page did not load: a line that leaves room for the others, and for what was there before. */
export function FailureLine({ error, busy, onRetry }: Props) {
  const { t } = useTranslation();
  const { title, hint } = useErrorText()(error);
  const isFinal = error instanceof ApiError && error.isFinal;
  return (
    <Alert
      type="warning"
      showIcon
      className="failure-line"
      title={hint ? t("app.titleAndHint", { title, hint }) : title}
      action={
        !isFinal && (
          <Button size="small" loading={busy} onClick={onRetry}>
            {t("app.retry")}
          </Button>
        )
      }
    />
  );
}
