import { Button, Skeleton } from "antd";
import { type ReactNode, useRef } from "react";
import { useTranslation } from "react-i18next";
import { FailureLine } from "../app/FailureLine";
import { Section } from "../app/Section";
import { useTitle } from "../app/useTitle";
import { timeOfDay, zoneName } from "../format/time";
import { useRowKeys } from "../keyboard/useRowKeys";
import { PlanCard } from "./PlanCard";
import { RunFilter, useRunFilter } from "./RunFilter";
import { RunTable } from "./RunTable";
import { TargetTable } from "./TargetTable";
import { usePlan, useRuns, useTargets } from "./useStorage";
import "./storage.css";

/** Where recordings are kept: how the targets are, what is done to them, and what the settings say. */
export default function StoragePage() {
  const { t } = useTranslation();
  const targets = useTargets();
  const filter = useRunFilter();
  const { kind, target } = filter;
  const runs = useRuns(kind, target);
  const plan = usePlan();
  useTitle(t("storage.title"));
  const area = useRef<HTMLDivElement>(null);
  useRowKeys("storage", area, {
    refresh: () => {
      void targets.refetch();
      void runs.refetch();
    },
  });
  const done = runs.data?.pages.flatMap(({ items }) => items);
  return (
    <div className="storage" ref={area}>
      <header className="storage-head">
        <h1>{t("storage.title")}</h1>
        <span className="muted">
          {t("app.times", { zone: zoneName() })}
          {/* What was read stays where the server does not answer, or nobody is there: people see how old it is. */}
          {targets.data &&
            ` · ${t("storage.asOf", { time: timeOfDay(new Date(targets.dataUpdatedAt).toISOString()) })}`}
        </span>
      </header>
      <Section title={t("storage.targets")} lead={t("storage.lead")}>
        <Loaded result={targets} rows={3}>
          {targets.data && (
            <TargetTable
              targets={targets.data.items}
              home={plan.data?.home ?? ""}
              warn={plan.data?.warn_percent ?? 0}
              zone={plan.data?.zone ?? ""}
            />
          )}
        </Loaded>
        {targets.data?.items.length === 1 && <p className="muted none">{t("storage.onlyHome")}</p>}
      </Section>
      <Section
        title={t("run.title")}
        lead={t("run.lead")}
        actions={<RunFilter {...filter} targets={(targets.data?.items ?? []).map(({ name }) => name)} />}
      >
        <Loaded result={runs} rows={3}>
          {done && done.length > 0 && <RunTable runs={done} targets={targets.data?.items ?? []} />}
          {done && done.length === 0 && (
            <p className="muted none">{t(kind || target ? "run.noneOfKind" : "run.none")}</p>
          )}
        </Loaded>
        {runs.hasNextPage && (
          <Button type="link" loading={runs.isFetchingNextPage} onClick={() => void runs.fetchNextPage()}>
            {t("compliance.more")}
          </Button>
        )}
      </Section>
      <Section title={t("plan.title")} lead={t("plan.lead")}>
        <Loaded result={plan} rows={3}>
          {plan.data && <PlanCard plan={plan.data} />}
        </Loaded>
      </Section>
    </div>
  );
}

interface LoadedProps {
  result: { error: unknown; data: unknown; isFetching: boolean; refetch: () => unknown };
  rows: number;
  children: ReactNode;
}

/** What was read stays while it is read again, also where that fails: it says so above. */
function Loaded({ result, rows, children }: LoadedProps) {
  const { error, data, isFetching, refetch } = result;
  if (error)
    return (
      <>
        <FailureLine error={error} busy={isFetching} onRetry={() => void refetch()} />
        {data !== undefined && children}
      </>
    );
  if (!data) return <Skeleton active title={false} paragraph={{ rows }} />;
  return children;
}
