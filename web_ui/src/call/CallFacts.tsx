import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "react-router";
import type { CallDetail } from "../api/client";
import { fileSize } from "../format/size";
import { clock, secondsBetween, stamp, timeOfDay, zoneName } from "../format/time";

/** The facts of a call in one line or two. */
export function CallFacts({ call }: { call: CallDetail }) {
  const { t } = useTranslation();
  const { search, state } = useLocation();
  const { recording, agent } = call;
  const isSignalled = call.state !== "media-only";
  return (
    <dl className="call-facts" title={t("app.times", { zone: zoneName() })}>
      <Fact name={t("call.start")}>{stamp(call.start)}</Fact>
      {isSignalled && (
        <Fact name={t("call.answered")}>
          {call.answered ? timeOfDay(call.answered) : t("call.notAnswered")}
        </Fact>
      )}
      <Fact name={t("call.end")}>{timeOfDay(call.end)}</Fact>
      {isSignalled && (
        <Fact name={t("call.waited")}>{clock(secondsBetween(call.start, call.answered ?? call.end))}</Fact>
      )}
      <Fact name={t("call.duration")}>{clock(call.duration)}</Fact>
      <Fact name={t("call.agent")}>
        {agent ? `${agent.extension} ${agent.name}`.trim() : t("call.noAgent")}
      </Fact>
      {call.related.map((other) => (
        <Fact key={other.call} name={t(`related.${other.relation}`)}>
          <Link to={{ pathname: `/calls/${other.call}`, search }} state={state}>
            {timeOfDay(other.start)}
          </Link>
        </Fact>
      ))}
      {call.dtmf && <Fact name={t("call.keys")}>{call.dtmf}</Fact>}
      {call.recorder && <Fact name={t("call.recorder")}>{call.recorder}</Fact>}
      {recording && (
        <Fact name={t("call.file")}>
          {recording.format},{" "}
          {t("call.channels", { count: recording.channels, n: String(recording.channels) })},{" "}
          {recording.rate / 1000} kHz, {fileSize(recording.bytes)}
        </Fact>
      )}
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
