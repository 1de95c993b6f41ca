import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay, useSession } from "../app/session";
import { useSayFailure } from "../app/useSayFailure";
import { CallLinks } from "./CallLinks";
import { By, StepButton } from "./Steps";
import { type Erasure, erasureSteps, isOver } from "./steps";
import { useDeed } from "./useCompliance";

const FEW = 4;

/** Erasures that were asked for, the latest first. */
export function ErasureTable({ erasures }: { erasures: readonly Erasure[] }) {
  const { t } = useTranslation();
  return (
    <div className="scroll">
      <table className="facts">
        <thead>
          <tr>
            <th scope="col">{t("compliance.calls")}</th>
            <th scope="col">{t("reason.label")}</th>
            <th scope="col">{t("compliance.state")}</th>
            <th scope="col">{t("erasure.requested")}</th>
            <th scope="col">{t("erasure.decided")}</th>
            <th scope="col">
              <span className="visually-hidden">{t("compliance.steps")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {erasures.map((erasure) => (
            <tr key={erasure.id} className={isOver(erasure) ? "over" : undefined} data-row tabIndex={-1}>
              <td>
                <ErasedCalls ids={erasure.calls} gone={erasure.state === "done"} />
              </td>
              <td>{erasure.reason}</td>
              <td className={`kept-state state-${erasure.state}`}>{t(`erasure.state.${erasure.state}`)}</td>
              <td>
                <By who={erasure.requested_by} at={erasure.requested_at} />
              </td>
              <td>
                <By who={erasure.decided_by} at={erasure.decided_at} />
              </td>
              <td className="steps">
                <ErasureSteps erasure={erasure} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ErasedCalls({ ids, gone }: { ids: readonly string[]; gone: boolean }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  if (gone) return t("compliance.count", { count: ids.length });
  return (
    <>
      <CallLinks ids={open ? ids : ids.slice(0, FEW)} />
      {!open && ids.length > FEW && (
        <Button type="link" size="small" className="flush" onClick={() => setOpen(true)}>
          {t("compliance.count", { count: ids.length })}
        </Button>
      )}
    </>
  );
}

function ErasureSteps({ erasure }: { erasure: Erasure }) {
  const { t } = useTranslation();
  const { user } = useSession();
  const mayChange = useMay("retention.request");
  const say = useSayFailure();
  const deed = useDeed();
  if (!mayChange) return null;
  return erasureSteps(erasure, user.username).map(({ step, needsOther }) => (
    <StepButton
      key={step}
      label={t(`erasure.step.${step}`)}
      hint={t(`erasure.hint.${step}`, { count: erasure.calls.length })}
      needsOther={needsOther}
      danger={step === "approve"}
      busy={deed.isPending}
      onStep={() => deed.mutate({ what: "erasure", id: erasure.id, step }, { onError: say })}
    />
  ));
}
