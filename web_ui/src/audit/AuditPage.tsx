import { LeftOutlined, ReloadOutlined, RightOutlined } from "@ant-design/icons";
import { Button, Result, Skeleton } from "antd";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { Failure } from "../app/Failure";
import { useMay } from "../app/session";
import { useTitle } from "../app/useTitle";
import { zoneName } from "../format/time";
import { useRowKeys } from "../keyboard/useRowKeys";
import { AuditTable } from "./AuditTable";
import { useAudit } from "./useAudit";
import { VerifyChain } from "./VerifyChain";
import "./audit.css";

/** Who did what: the audit log, and whether it is as it was written. */
export default function AuditPage() {
  const { t } = useTranslation();
  const { result, goOlder, goNewer } = useAudit();
  const seesAll = useMay("audit.all");
  const mayVerify = useMay("audit.verify");
  const refresh = () => void result.refetch();
  const area = useRef<HTMLDivElement>(null);
  useTitle(t("audit.title"));
  useRowKeys("audit", area, {
    refresh,
    ...(goOlder && { older: goOlder }),
    ...(goNewer && { newer: goNewer }),
  });
  return (
    <div className="audit" ref={area}>
      <header className="audit-head">
        <h1>{t("audit.title")}</h1>
        <p className="muted">{t(seesAll ? "audit.lead" : "audit.leadOwn")}</p>
        {mayVerify && <VerifyChain />}
      </header>
      <section className="card scroll" aria-busy={result.isFetching}>
        <Events result={result} onRetry={refresh} />
      </section>
      <footer className="audit-foot">
        <span className="muted zone">{t("app.times", { zone: zoneName() })}</span>
        <Button
          icon={<ReloadOutlined aria-hidden="true" />}
          aria-label={t("list.refresh")}
          title={`${t("list.refresh")} (r)`}
          onClick={refresh}
        />
        <Button
          icon={<LeftOutlined aria-hidden="true" />}
          disabled={!goNewer}
          title={`${t("audit.newer")} (p)`}
          onClick={goNewer}
        >
          {t("audit.newer")}
        </Button>
        <Button disabled={!goOlder} title={`${t("audit.older")} (n)`} onClick={goOlder}>
          {t("audit.older")} <RightOutlined aria-hidden="true" />
        </Button>
      </footer>
    </div>
  );
}

interface Props {
  result: ReturnType<typeof useAudit>["result"];
  onRetry: () => void;
}

function Events({ result, onRetry }: Props) {
  const { t } = useTranslation();
  const { data, error, isFetching, isPlaceholderData } = result;
  if (error) return <Failure error={error} busy={isFetching} onRetry={onRetry} />;
  if (!data) return <Skeleton active title={false} paragraph={{ rows: 12 }} />;
  if (data.items.length === 0) return <Result icon={<span aria-hidden="true" />} title={t("audit.empty")} />;
  return <AuditTable events={data.items} dimmed={isPlaceholderData} />;
}
