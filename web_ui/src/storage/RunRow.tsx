import { Button, type ButtonProps } from "antd";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { useMay } from "../app/session";
import { useSayFailure } from "../app/useSayFailure";
import { fileSize } from "../format/size";
import { clock, stamp } from "../format/time";
import { isOpen, type Run, runSeconds } from "./progress";
import { Report } from "./Report";
import { RunOutcome } from "./RunOutcome";
import { RunProgress } from "./RunProgress";
import { RunState } from "./RunState";
import { type Order, useOrder } from "./useStorage";

interface Props {
  run: Run;
  open: boolean;
  onToggle: () => void;
  /** What asks for the same once more, where that makes sense. */
  again?: Schemas["RunAsked"] | undefined;
}

/** One run, and below it what it found, once that is asked for. */
export function RunRow({ run, open, onToggle, again }: Props) {
  const { t } = useTranslation();
  return (
    <>
      <tr data-row tabIndex={-1}>
        <th scope="row">
          <Button
            data-opens
            type="link"
            size="small"
            className="flush"
            aria-expanded={open}
            title={t("run.report")}
            onClick={onToggle}
          >
            <span aria-hidden="true">{open ? "▾" : "▸"}</span> {t(`run.${run.kind}`)}
          </Button>
        </th>
        <td>{run.target || t("run.allTargets")}</td>
        <td>
          <RunState run={run} />
        </td>
        <td>
          <RunProgress run={run} />
        </td>
        <td className="count">{run.bytes > 0 ? fileSize(run.bytes) : "–"}</td>
        <td className="at">{stamp(run.started)}</td>
        <td className="count">{run.state === "asked" ? "–" : clock(runSeconds(run, new Date()))}</td>
        <td>{run.asked_by || t("run.byItself")}</td>
        <td className="run-message">
          <RunOutcome run={run} onReport={onToggle} />
        </td>
        <td className="steps">
          {isOpen(run) && !run.stop_asked_by && <Stop run={run} />}
          {again && <Again asked={again} />}
        </td>
      </tr>
      {open && (
        <tr>
          <td colSpan={10} className="run-report">
            <Report run={run} />
          </td>
        </tr>
      )}
    </>
  );
}

function Stop({ run }: { run: Run }) {
  const { t } = useTranslation();
  return (
    <OrderButton order={{ what: "stop", id: run.id }} title={`${t("run.stopHint")} (s)`} data-stops>
      {t("run.stop")}
    </OrderButton>
  );
}

function Again({ asked }: { asked: Schemas["RunAsked"] }) {
  const { t } = useTranslation();
  return (
    <OrderButton order={{ what: "begin", body: asked }} title={`${t("run.againHint")} (a)`} data-again>
      {t("run.again")}
    </OrderButton>
  );
}

/** Gives the order, for those who may. */
function OrderButton({ order, ...looks }: { order: Order } & ButtonProps) {
  const mayRun = useMay("storage.run");
  const say = useSayFailure();
  const given = useOrder();
  if (!mayRun) return null;
  return (
    <Button
      {...looks}
      size="small"
      loading={given.isPending}
      onClick={() => given.mutate(order, { onError: say })}
    />
  );
}
