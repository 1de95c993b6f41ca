import { Button, Checkbox, Skeleton } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { Failure } from "../app/Failure";
import { Section } from "../app/Section";
import { useMay } from "../app/session";
import { useTitle } from "../app/useTitle";
import { zoneName } from "../format/time";
import { useKeys } from "../keyboard/useKeys";
import { AskErasure } from "./AskErasure";
import { ErasureTable } from "./ErasureTable";
import { HoldTable } from "./HoldTable";
import { PlaceHold } from "./PlaceHold";
import { PreviewCard } from "./PreviewCard";
import { ProposeRule } from "./ProposeRule";
import { RuleTable } from "./RuleTable";
import { isOver } from "./steps";
import { useErasures, useHolds, useRules } from "./useCompliance";
import "./compliance.css";

type New = "rule" | "hold" | "erasure";

/** How long calls are kept, what keeps them beyond that, and what goes before its time. */
export default function CompliancePage() {
  const { t } = useTranslation();
  const mayChange = useMay("retention.request");
  const [ended, setEnded] = useState(false);
  const { making, calls, make, close } = useMaking();
  const rules = useRules();
  const holds = useHolds();
  const erasures = useErasures();
  const refresh = () => {
    void rules.refetch();
    void holds.refetch();
    void erasures.refetch();
  };
  useTitle(t("compliance.title"));
  useKeys("compliance", {
    refresh,
    ...(mayChange && {
      newRule: () => make("rule"),
      newHold: () => make("hold"),
      newErasure: () => make("erasure"),
    }),
  });
  const button = (what: New, label: string, key: string) =>
    mayChange && (
      <Button title={`${label} (${key})`} onClick={() => make(what)}>
        {label}
      </Button>
    );
  return (
    <div className="compliance">
      <header className="compliance-head">
        <h1>{t("compliance.title")}</h1>
        <span className="muted">{t("app.times", { zone: zoneName() })}</span>
        <Checkbox checked={ended} onChange={(event) => setEnded(event.target.checked)}>
          {t("compliance.ended")}
        </Checkbox>
      </header>
      <PreviewCard />
      <Section title={t("rule.title")} lead={t("rule.lead")} actions={button("rule", t("rule.propose"), "u")}>
        <Listed result={rules} items={rules.data?.items} ended={ended} empty={t("rule.none")}>
          {(items) => <RuleTable rules={items} />}
        </Listed>
      </Section>
      <Section title={t("hold.title")} lead={t("hold.lead")} actions={button("hold", t("hold.place"), "h")}>
        <Listed result={holds} items={holds.data?.items} ended={ended} empty={t("hold.none")}>
          {(items) => <HoldTable holds={items} />}
        </Listed>
      </Section>
      <Section
        title={t("erasure.title")}
        lead={t("erasure.lead")}
        actions={button("erasure", t("erasure.ask"), "e")}
      >
        <Listed
          result={erasures}
          items={erasures.data?.pages.flatMap(({ items }) => items)}
          ended={ended}
          empty={t("erasure.none")}
        >
          {(items) => <ErasureTable erasures={items} />}
        </Listed>
        {erasures.hasNextPage && (
          <Button type="link" onClick={() => void erasures.fetchNextPage()}>
            {t("compliance.more")}
          </Button>
        )}
      </Section>
      {mayChange && making === "rule" && <ProposeRule onClose={close} />}
      {mayChange && making === "hold" && <PlaceHold calls={calls} onClose={close} />}
      {mayChange && making === "erasure" && <AskErasure calls={calls} onClose={close} />}
    </div>
  );
}

/** What is being made stands in the address, so that a call's page can lead here with its call. */
function useMaking() {
  const [params, setParams] = useSearchParams();
  return {
    making: params.get("new"),
    calls: params.get("call") ?? "",
    make: (what: New) => setParams({ new: what }, { replace: true }),
    close: () => setParams({}, { replace: true }),
  };
}

interface ListedProps<Item> {
  result: { error: unknown; isFetching: boolean; refetch: () => unknown };
  items: readonly Item[] | undefined;
  ended: boolean;
  empty: string;
  children: (items: readonly Item[]) => ReactNode;
}

function Listed<Item extends Parameters<typeof isOver>[0]>(props: ListedProps<Item>) {
  const { result, items, ended, empty, children } = props;
  const { t } = useTranslation();
  if (result.error)
    return <Failure error={result.error} busy={result.isFetching} onRetry={() => void result.refetch()} />;
  if (!items) return <Skeleton active title={false} paragraph={{ rows: 2 }} />;
  const shown = ended ? items : items.filter((item) => !isOver(item));
  if (shown.length > 0) return children(shown);
  const hidden = items.length - shown.length;
  return (
    <p className="muted none">
      {empty} {hidden > 0 && t("compliance.hidden", { count: hidden })}
    </p>
  );
}
