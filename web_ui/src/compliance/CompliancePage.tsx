import { Button, Checkbox } from "antd";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { Section } from "../app/Section";
import { useMay } from "../app/session";
import { useTitle } from "../app/useTitle";
import { zoneName } from "../format/time";
import { useRowKeys } from "../keyboard/useRowKeys";
import { AskErasure } from "./AskErasure";
import { ErasureTable } from "./ErasureTable";
import { HoldTable } from "./HoldTable";
import { Listed } from "./Listed";
import { PlaceHold } from "./PlaceHold";
import { PreviewCard } from "./PreviewCard";
import { ProposeRule } from "./ProposeRule";
import { RuleTable } from "./RuleTable";
import { useErasures, useHolds, useRules } from "./useCompliance";
import "./compliance.css";

type New = "rule" | "hold" | "erasure";

/** How long calls are kept, what keeps them beyond that, and what goes before its time. */
export default function CompliancePage() {
  const { t } = useTranslation();
  const mayChange = useMay("retention.request");
  const mayPreview = useMay("retention.preview");
  const { making, calls, make, close, shows, show } = useAddress();
  const area = useRef<HTMLDivElement>(null);
  const rules = useRules();
  const holds = useHolds();
  const erasures = useErasures();
  const refresh = () => {
    void rules.refetch();
    void holds.refetch();
    void erasures.refetch();
  };
  useTitle(t("compliance.title"));
  useRowKeys("compliance", area, {
    refresh,
    over: () => show("over", !shows.over),
    ...(mayPreview && { preview: () => show("preview", !shows.preview) }),
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
    <div className="compliance" ref={area}>
      <header className="compliance-head">
        <h1>{t("compliance.title")}</h1>
        <span className="muted">{t("app.times", { zone: zoneName() })}</span>
        <Checkbox
          checked={shows.over}
          title={`${t("keys.over")} (o)`}
          onChange={(event) => show("over", event.target.checked)}
        >
          {t("compliance.ended")}
        </Checkbox>
      </header>
      {mayPreview && (
        <PreviewCard
          shown={shows.preview}
          onShow={() => show("preview", true)}
          proposed={shows.proposed}
          onProposed={(on) => show("proposed", on)}
        />
      )}
      <Section title={t("rule.title")} lead={t("rule.lead")} actions={button("rule", t("rule.propose"), "u")}>
        <Listed
          name={t("rule.title")}
          result={rules}
          items={rules.data?.items}
          ended={shows.over}
          empty={t("rule.none")}
        >
          {(items) => <RuleTable rules={items} />}
        </Listed>
      </Section>
      <Section title={t("hold.title")} lead={t("hold.lead")} actions={button("hold", t("hold.place"), "h")}>
        <Listed
          name={t("hold.title")}
          result={holds}
          items={holds.data?.items}
          ended={shows.over}
          empty={t("hold.none")}
        >
          {(items) => <HoldTable holds={items} />}
        </Listed>
      </Section>
      <Section
        title={t("erasure.title")}
        lead={t("erasure.lead")}
        actions={button("erasure", t("erasure.ask"), "e")}
      >
        <Listed
          name={t("erasure.title")}
          result={erasures}
          items={erasures.data?.pages.flatMap(({ items }) => items)}
          ended={shows.over}
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

const SHOWN = ["over", "preview", "proposed"] as const;
type Shown = (typeof SHOWN)[number];

/**
 * What is being made and what is shown stands in the address: a call's page can lead here with its call, and
 * who comes back from a call finds the page as it was.
 */
function useAddress() {
  const [params, setParams] = useSearchParams();
  const set = (change: Record<string, string>) =>
    setParams(
      (before) => {
        const after = new URLSearchParams(before);
        for (const [name, value] of Object.entries(change))
          value ? after.set(name, value) : after.delete(name);
        return after;
      },
      { replace: true, preventScrollReset: true },
    );
  // Addresses change a moment later; a checkbox is to change at once.
  const [shows, setShows] = useState(
    () => Object.fromEntries(SHOWN.map((name) => [name, params.has(name)])) as Record<Shown, boolean>,
  );
  return {
    making: params.get("new"),
    calls: params.get("call") ?? "",
    make: (what: New) => set({ new: what, call: "" }),
    close: () => set({ new: "", call: "" }),
    shows,
    show: (name: Shown, on: boolean) => {
      setShows((before) => ({ ...before, [name]: on }));
      set({ [name]: on ? "yes" : "" });
    },
  };
}
