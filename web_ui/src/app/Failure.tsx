import { Button, Result } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { errorText } from "../api/errorText";

interface Props {
  error: unknown;
  busy?: boolean;
  onRetry?: () => void;
  extra?: ReactNode;
}

/** Something did not load: what it means and what to do. */
export function Failure({ error, busy = false, onRetry, extra }: Props) {
  const { t } = useTranslation();
  const { title, hint } = errorText(error, t, new Date());
  return (
    <div role="alert">
      <Result
        status="warning"
        title={title}
        subTitle={hint}
        extra={
          <>
            {onRetry && (
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
