import { Button, Result } from "antd";
import { useTranslation } from "react-i18next";
import { Failure } from "../app/Failure";

interface Props {
  error: unknown;
  empty: boolean;
  unfiltered: boolean;
  onRetry: () => void;
  onClear: () => void;
  onNewest: (() => void) | undefined;
}

/** What stands in place of rows: nothing found and how to widen, nothing there yet, or why it failed. */
export function ListMessage({ error, empty, unfiltered, onRetry, onClear, onNewest }: Props) {
  const { t } = useTranslation();
  const newest = onNewest && <Button onClick={onNewest}>{t("list.newest")}</Button>;
  if (error) return <Failure error={error} onRetry={onRetry} extra={newest} />;
  if (!empty) return null;
  return (
    <div role="status">
      <Result
        icon={<span aria-hidden="true" />}
        title={t(unfiltered ? "list.empty" : "list.none")}
        subTitle={t(unfiltered ? "list.emptyHint" : "list.noneHint")}
        extra={
          <>
            {!unfiltered && (
              <Button type="primary" onClick={onClear}>
                {t("filter.clear")}
              </Button>
            )}
            {newest}
          </>
        }
      />
    </div>
  );
}
