import { Button, Result } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../api/error";
import { useErrorText } from "./useErrorText";

interface Props {
  error: unknown;
  busy?: boolean;
  onRetry?: (() => void) | undefined;
  extra?: ReactNode;
}

/** Something did not load: what it means and what to do. Trying again is offered where it can help. */
export function Failure({ error, busy = false, onRetry, extra }: Props) {
  const { t } = useTranslation();
  const { title, hint } = useErrorText()(error);
  const isFinal = error instanceof ApiError && error.isFinal;
  return (
    <div role="alert">
      <Result
        status="warning"
        title={title}
        subTitle={hint}
        extra={
          <>
            {onRetry && !isFinal && (
              <Button type="primary" loading={busy} onClick={onRetry}>
                {t("app.retry")}
              </Button>
            )}
            {extra}
          </>
        }
      />
    </div>
  );
}
