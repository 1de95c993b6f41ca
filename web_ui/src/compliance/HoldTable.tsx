import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay, useSession } from "../app/session";
import { useSayFailure } from "../app/useSayFailure";
import { AddToHold } from "./AddToHold";
import { AskRelease } from "./AskRelease";
import { criteriaText } from "./criteriaText";
import { HeldCalls } from "./HeldCalls";
import { By, StepButton } from "./Steps";
import { type Hold, holdSteps, isOver } from "./steps";
import { useDeed, useTeams } from "./useCompliance";

/** Legal holds, the latest first. */
export function HoldTable({ holds }: { holds: readonly Hold[] }) {
  const { t } = useTranslation();
  return (
    <div className="scroll">
      <table className="facts">
        <thead>
          <tr>
            <th scope="col">{t("hold.name")}</th>
            <th scope="col">{t("reason.label")}</th>
            <th scope="col">{t("hold.covers")}</th>
            <th scope="col">{t("compliance.state")}</th>
            <th scope="col">{t("hold.placed")}</th>
            <th scope="col">{t("hold.asked")}</th>
            <th scope="col">{t("hold.released")}</th>
            <th scope="col">
              <span className="visually-hidden">{t("compliance.steps")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {holds.map((hold) => (
            <HoldRow key={hold.id} hold={hold} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function HoldRow({ hold }: { hold: Hold }) {
  const { t } = useTranslation();
  const teams = useTeams();
  return (
    <tr className={isOver(hold) ? "over" : undefined} data-row tabIndex={-1}>
      <th scope="row">{hold.name}</th>
      <td>{hold.reason}</td>
      <td>
        {hold.criteria && <div>{criteriaText(hold.criteria, teams.data ?? new Map(), t)}</div>}
        {hold.named > 0 && <HeldCalls hold={hold} />}
      </td>
      <td className={`kept-state state-${hold.state}`}>{t(`hold.state.${hold.state}`)}</td>
      <td>
        <By who={hold.placed_by} at={hold.placed_at} />
      </td>
      <td>
        <By who={hold.release_asked_by} at={hold.release_asked_at} />
        {hold.release_reason && <div className="muted">{hold.release_reason}</div>}
      </td>
      <td>
        <By who={hold.released_by} at={hold.released_at} />
      </td>
      <td className="steps">
        <HoldSteps hold={hold} />
      </td>
    </tr>
  );
}

function HoldSteps({ hold }: { hold: Hold }) {
  const { t } = useTranslation();
  const { user } = useSession();
  const mayChange = useMay("retention.request");
  const say = useSayFailure();
  const deed = useDeed();
  const [asking, setAsking] = useState(false);
  const [adding, setAdding] = useState(false);
  if (!mayChange) return null;
  return (
    <>
      {holdSteps(hold, user.username).map(({ step, needsOther }) =>
        step === "ask-release" ? (
          <Button key={step} size="small" onClick={() => setAsking(true)}>
            {t("hold.step.ask-release")}
          </Button>
        ) : (
          <StepButton
            key={step}
            label={t(`hold.step.${step}`)}
            hint={t(`hold.hint.${step}`)}
            needsOther={needsOther}
            danger={step === "release"}
            busy={deed.isPending}
            onStep={() => deed.mutate({ what: "hold", id: hold.id, step }, { onError: say })}
          />
        ),
      )}
      {!isOver(hold) && (
        <Button size="small" onClick={() => setAdding(true)}>
          {t("hold.add")}
        </Button>
      )}
      {adding && <AddToHold hold={hold} onClose={() => setAdding(false)} />}
      {asking && <AskRelease hold={hold} onClose={() => setAsking(false)} />}
    </>
  );
}
