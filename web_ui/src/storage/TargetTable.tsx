import { DownOutlined } from "@ant-design/icons";
import { App } from "antd";
import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { ActionMenu } from "../app/ActionMenu";
import { useMay } from "../app/session";
import { useSayFailure } from "../app/useSayFailure";
import { fileSize } from "../format/size";
import { stamp } from "../format/time";
import { useLanguage } from "../i18n/useLanguage";
import { useReason } from "../reasons/useReason";
import { Bar } from "./Bar";
import { idleOf } from "./outcome";
import { percent, rateText, type Target, takesCopies, workAt } from "./progress";
import { RunState } from "./RunState";
import { clockText, nextText, scheduleText } from "./scheduleText";
import { useOrder } from "./useStorage";

const SIGNS: Readonly<Record<Target["state"], string>> = { up: "✓", down: "✕", absent: "○", unknown: "?" };

interface Props {
  targets: readonly Target[];
  home: string;
  /** Percent of free room below which there is an alarm. */
  warn: number;
  /** How far the clock is from UTC that windows and schedules go by; empty as long as nobody knows. */
  zone: string;
}

/** The archive targets: how each is, its room, what waits for it, and what can be done to it. */
export function TargetTable({ targets, home, warn, zone }: Props) {
  const { t } = useTranslation();
  const mayRun = useMay("storage.run");
  const said = useReason();
  return (
    <div className="scroll">
      <table className="facts targets">
        <thead>
          <tr>
            <th scope="col">{t("storage.target")}</th>
            <th scope="col">{t("storage.state")}</th>
            <th scope="col">{t("storage.room")}</th>
            <th scope="col">{t("storage.holds")}</th>
            <th scope="col">{t("storage.waits")}</th>
            <th scope="col">{t("storage.next")}</th>
            <th scope="col">{t("storage.last")}</th>
            <th scope="col">
              <span className="visually-hidden">{t("storage.work")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {targets.map((target) => (
            <Fragment key={target.name}>
              <tr data-row tabIndex={-1}>
                <th scope="row">
                  {target.name} <span className="muted">{t(`storage.role.${role(target, home)}`)}</span>
                  <div className="muted place">
                    {target.kind.toUpperCase()} · {target.place}
                    {target.write_once && ` · ${t("storage.writeOnce")}`}
                  </div>
                </th>
                <td>
                  <State target={target} />
                </td>
                <td>
                  <Room target={target} warn={warn} />
                </td>
                <td>
                  <Holds target={target} />
                </td>
                <td>
                  <Waits target={target} />
                </td>
                <td>
                  <Next target={target} zone={zone} />
                </td>
                <td>
                  <Last target={target} />
                </td>
                <td className="steps">{mayRun && <Work target={target} />}</td>
              </tr>
              {target.detail && (
                <tr className="why">
                  <td colSpan={8}>
                    {target.since && target.state !== "up" && (
                      <span className="muted">{t("storage.since", { time: stamp(target.since) })} · </span>
                    )}
                    {said(target.detail)}
                  </td>
                </tr>
              )}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function role(target: Target, home: string): "home" | "copy" | "export" | "earlier" {
  if (target.name === home) return "home";
  return target.role === "export" || target.role === "earlier" ? target.role : "copy";
}

function State({ target }: { target: Target }) {
  const { t } = useTranslation();
  const { state, since } = target;
  return (
    <span className={`target-${state}`} title={since ? t("storage.since", { time: stamp(since) }) : ""}>
      <span aria-hidden="true">{SIGNS[state]}</span> {t(`storage.is.${state}`)}
    </span>
  );
}

function Room({ target, warn }: { target: Target; warn: number }) {
  const { t } = useTranslation();
  const { free, total } = target;
  if (free === null) return <span className="muted">{t("storage.roomUnknown")}</span>;
  if (total === null) return t("storage.free", { free: fileSize(free) });
  const label = t("storage.freeOf", { free: fileSize(free), total: fileSize(total) });
  const isShort = total > 0 && (free / total) * 100 < warn;
  return (
    <>
      <Bar percent={percent(total - free, total)} label={label} bad={isShort} />
      <div className={isShort ? "bad" : ""}>{label}</div>
    </>
  );
}

/** How many calls lie there; nothing is said as long as nobody has counted. */
function Holds({ target }: { target: Target }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const { calls, last_copy } = target;
  if (calls === null) return <span className="muted">…</span>;
  return (
    <>
      {t("storage.callsHeld", { count: calls, shown: calls.toLocaleString(language) })}
      {last_copy && <div className="muted at">{t("storage.latest", { time: stamp(last_copy) })}</div>}
    </>
  );
}

function Waits({ target }: { target: Target }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const { calls, bytes, oldest, failing, later } = target.backlog;
  const speed = target.bytes_per_second;
  // Where calls come in waits what came in elsewhere before.
  if (!takesCopies(target) && calls === 0) return <span className="muted">–</span>;
  const shown = (count: number) => count.toLocaleString(language);
  return (
    <>
      {calls === 0 ? (
        <span className="good">{t("storage.nothingWaits")}</span>
      ) : (
        t("storage.callsWait", { count: calls, shown: shown(calls), size: fileSize(bytes) })
      )}
      {oldest && <div className="muted at">{t("storage.oldest", { time: stamp(oldest) })}</div>}
      {failing > 0 && (
        <div className="bad">{t("storage.failing", { count: failing, shown: shown(failing) })}</div>
      )}
      {later > 0 && <div className="muted">{t("storage.later", { count: later, shown: shown(later) })}</div>}
      {speed !== null && <div className="muted">{t("storage.speed", { rate: rateText(speed) })}</div>}
    </>
  );
}

function Next({ target, zone }: { target: Target; zone: string }) {
  const { t } = useTranslation();
  const { schedule, window, bandwidth } = target;
  if (!schedule) return <span className="muted">–</span>;
  const limits = [
    clockText(scheduleText(schedule, t), zone, t),
    clockText(window, zone, t),
    bandwidth === null ? "" : t("storage.atMost", { rate: rateText(bandwidth) }),
  ];
  return (
    <>
      <span className="at">{nextText(target, new Date(), t)}</span>
      {limits.filter(Boolean).map((limit) => (
        <div key={limit} className="muted">
          {limit}
        </div>
      ))}
    </>
  );
}

function Last({ target }: { target: Target }) {
  const { t } = useTranslation();
  const { last_run, last_snapshot } = target;
  if (!last_run && !last_snapshot) return <span className="muted">–</span>;
  return (
    <>
      {last_run && (
        <>
          <RunState run={last_run} />
          <div className="muted at">{stamp(last_run.started)}</div>
          {idleOf(last_run) && <div className="muted">{t("run.nothing.backup")}</div>}
        </>
      )}
      {last_snapshot && (
        <div className="muted at">{t("storage.snapshot", { time: stamp(last_snapshot) })}</div>
      )}
    </>
  );
}

function Work({ target }: { target: Target }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const say = useSayFailure();
  const order = useOrder();
  const begin = (kind: Schemas["RunAsked"]["kind"]) =>
    order.mutate(
      { what: "begin", body: { kind, target: target.name } },
      {
        onSuccess: () =>
          void message.success(t("run.askedFor", { what: t(`run.${kind}`), target: target.name })),
        onError: say,
      },
    );
  const items = workAt(target).map((kind) => ({
    key: kind,
    label: t(`run.begin.${kind}`),
    onClick: () => begin(kind),
  }));
  return (
    <ActionMenu items={items} atEnd data-opens size="small" loading={order.isPending}>
      {t("storage.begin")} <DownOutlined aria-hidden="true" />
    </ActionMenu>
  );
}
