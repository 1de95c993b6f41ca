import { Button, Result } from "antd";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { ApiError } from "../api/error";
import { Failure } from "../app/Failure";
import { useSession } from "../app/session";

interface Props {
  error: unknown;
  /** Whether the query could not be read; what is wrong stands at the search box. */
  faulty: boolean;
  empty: boolean;
  unfiltered: boolean;
  /** The query, where it is all that narrows the list. */
  query: string;
  onRetry: () => void;
  onClear: () => void;
  onNewest: (() => void) | undefined;
}

/** What stands in place of rows: nothing found and how to widen, nothing there yet, or why it failed. */
export function ListMessage({ error, faulty, empty, unfiltered, query, onRetry, onClear, onNewest }: Props) {
  const { t } = useTranslation();
  const { role } = useSession().user;
  const newest = onNewest && <Button onClick={onNewest}>{t("list.newest")}</Button>;
  if (faulty) return <p className="list-fault muted">{t("list.fault")}</p>;
  const clear = !unfiltered && (
    <Button type="primary" onClick={onClear}>
      {t("filter.clear")}
    </Button>
  );
  if (error) {
    const mine = error instanceof ApiError && error.isFinal && clear;
    return (
      <Failure
        error={error}
        onRetry={onRetry}
        extra={
          <>
            {mine}
            {newest}
          </>
        }
      />
    );
  }
  if (!empty) return null;
  return (
    <div role="status">
      <Result
        icon={<span aria-hidden="true" />}
        title={query ? t("list.noneFor", { query }) : t(unfiltered ? "list.empty" : "list.none")}
        subTitle={t(hintOf(role, unfiltered, query))}
        extra={
          <>
            {clear}
            {newest}
          </>
        }
      />
    </div>
  );
}

function hintOf(role: Schemas["Role"], unfiltered: boolean, query: string) {
  if (query) return "list.noneForHint";
  if (!unfiltered) return "list.noneHint";
  return role === "agent" ? "list.emptyAgent" : "list.emptyHint";
}
