import { useTranslation } from "react-i18next";
import { useLocation } from "react-router";
import type { CallItem, Side } from "../api/client";
import { clock, secondsBetween, shortSeconds, stamp } from "../format/time";
import type { ColumnKey } from "./columns";
import { DirectionMark } from "./DirectionMark";
import { StateMark } from "./StateMark";

/** What one column shows of one call. */
export function CallCell({ call, column }: { call: CallItem; column: ColumnKey }) {
  const { t } = useTranslation();
  switch (column) {
    case "start":
      return <Start call={call} />;
    case "end":
      return stamp(call.end);
    case "direction":
      return <DirectionMark direction={call.direction} />;
    case "from":
      return <Who call={call} side="A" number={call.from} />;
    case "to":
      return <Who call={call} side="B" number={call.to} />;
    case "agent":
      return call.agent && <Named number={call.agent.extension} name={call.agent.name} />;
    case "duration":
      return call.duration > 0 ? clock(call.duration) : <span className="muted">–</span>;
    case "state":
      return <StateMark state={call.state} />;
    case "waited":
      return clock(secondsBetween(call.start, call.answered ?? call.end));
    case "codecs":
      return call.codecs.join(", ");
    case "recording":
      return <Recorded call={call} />;
    case "tags":
      return call.tags.join(", ");
    case "released":
      return t(call.released ? "list.yes" : "list.no");
  }
}

function Start({ call }: { call: CallItem }) {
  const { t } = useTranslation();
  const { search } = useLocation();
  const start = stamp(call.start);
  return (
    <a href={`/calls/${call.id}${search}`} tabIndex={-1} aria-label={t("list.open", { start })}>
      {start}
    </a>
  );
}

function Who({ call, side, number }: { call: CallItem; side: Side; number: string }) {
  return <Named number={number} name={call.parties.find((party) => party.side === side)?.name ?? ""} />;
}

function Named({ number, name }: { number: string; name: string }) {
  return (
    <span title={name ? `${number} ${name}` : undefined}>
      {number || "–"}
      {name && name !== number && <span className="muted"> {name}</span>}
    </span>
  );
}

function Recorded({ call }: { call: CallItem }) {
  const { t } = useTranslation();
  if (!call.has_recording) return <span className="muted">{t("list.noRecording")}</span>;
  if (call.unrecorded_seconds < 0.05) return <span className="good">{t("list.complete")}</span>;
  const seconds = shortSeconds(call.unrecorded_seconds);
  return (
    <span className="bad" title={t("list.missingHint", { seconds })}>
      {t("list.missing", { seconds })}
    </span>
  );
}
