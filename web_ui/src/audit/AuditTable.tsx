import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { CallLink } from "../app/CallLink";
import { useTeams } from "../compliance/useCompliance";
import { stamp } from "../format/time";
import { actionText, detailText, kindText, shortId } from "./eventText";

type Event = Schemas["AuditEvent"];

/** Audit events, one a row. */
export function AuditTable({ events, dimmed }: { events: readonly Event[]; dimmed: boolean }) {
  const { t } = useTranslation();
  const teams = useTeams();
  return (
    <table className={dimmed ? "facts audit-table audit-table-dimmed" : "facts audit-table"}>
      <caption className="visually-hidden">{t("audit.title")}</caption>
      <thead>
        <tr>
          {(["at", "actor", "address", "action", "object", "detail", "reason"] as const).map((column) => (
            <th key={column} scope="col">
              {t(`audit.${column}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {events.map((event) => (
          <tr key={event.id} data-row tabIndex={-1}>
            <td className="audit-at">{stamp(event.at)}</td>
            <td>{event.actor || "–"}</td>
            <td>{event.address || "–"}</td>
            <td title={event.action}>{actionText(event.action, t)}</td>
            <td>
              <Target event={event} />
            </td>
            <td>{detailText(event, teams.data ?? new Map(), t)}</td>
            <td>{event.reason}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Target({ event }: { event: Event }) {
  const { t } = useTranslation();
  if (!event.target) return event.target_kind ? kindText(event.target_kind, t) : "–";
  if (event.target_kind !== "call")
    return (
      <span title={event.target}>
        {kindText(event.target_kind, t)} {shortId(event.target)}
      </span>
    );
  return (
    <CallLink id={event.target} title={event.target}>
      {kindText("call", t)} {shortId(event.target)}
    </CallLink>
  );
}
