import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { criteriaText } from "../compliance/criteriaText";
import { clockText, scheduleText } from "./scheduleText";

type Plan = Schemas["PlanInfo"];

/** What the settings say of keeping; whoever keeps the server changes them there. */
export function PlanCard({ plan }: { plan: Plan }) {
  const { t } = useTranslation();
  const { placement, master_key, recipients } = plan;
  // There is no snapshot of every change: the server takes them by the hour then.
  const snapshots = plan.snapshot_schedule === "continuous" ? "hourly" : plan.snapshot_schedule;
  const teams = new Map(plan.teams.map(({ id, name }) => [id, name]));
  return (
    <dl className="plan">
      <Fact name={t("plan.placement")}>
        {placement.length === 0 ? t("plan.everywhere") : null}
        <ul>
          {placement.map((rule) => (
            <li key={JSON.stringify(rule)}>
              {criteriaText(rule.calls, teams, t)} → {rule.to.join(", ")}
              {rule.copies > 0 && ` · ${t("plan.copies", { count: rule.copies })}`}
              {rule.older_than_days > 0 && ` · ${t("plan.older", { count: rule.older_than_days })}`}
            </li>
          ))}
        </ul>
        {plan.missing_teams.length > 0 && (
          <span className="bad">{t("plan.missingTeams", { names: plan.missing_teams.join(", ") })}</span>
        )}
      </Fact>
      <Fact name={t("plan.encryption")}>
        {master_key ? (
          <>
            {t("plan.encrypted")} <code>{master_key}</code>
            {recipients > 0 && ` · ${t("plan.recipients", { count: recipients })}`}
          </>
        ) : (
          t("plan.open")
        )}
      </Fact>
      <Fact name={t("plan.scrub")}>
        {t("plan.scrubEvery", { days: String(plan.scrub_days) })} {clockText(plan.scrub_window, plan.zone, t)}
      </Fact>
      <Fact name={t("plan.snapshots")}>
        {t("plan.snapshotsKept", {
          schedule: clockText(scheduleText(snapshots, t), plan.zone, t),
          kept: String(plan.snapshots_kept),
        })}
      </Fact>
      <Fact name={t("plan.space")}>
        {t("plan.warn", { percent: String(plan.warn_percent) })}{" "}
        {plan.free_percent > 0
          ? t("plan.free", { percent: String(plan.free_percent), copies: String(plan.copies_elsewhere) })
          : t("plan.neverFree")}
      </Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
