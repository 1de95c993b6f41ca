import { useTranslation } from "react-i18next";
import type { CallDetail } from "../api/client";
import { StateMark } from "../calls/StateMark";
import { timeOfDay } from "../format/time";

/** The SIP dialogs that the call is made of. */
export function LegTable({ legs }: { legs: CallDetail["legs"] }) {
  const { t } = useTranslation();
  if (legs.length === 0) return null;
  return (
    <section className="card" aria-labelledby="legs">
      <h2 id="legs">{t("leg.title")}</h2>
      <div className="scroll">
        <table className="facts">
          <thead>
            <tr>
              <th scope="col">{t("leg.from")}</th>
              <th scope="col">{t("leg.to")}</th>
              <th scope="col">{t("leg.start")}</th>
              <th scope="col">{t("leg.answered")}</th>
              <th scope="col">{t("leg.end")}</th>
              <th scope="col">{t("leg.state")}</th>
              <th scope="col">{t("leg.source")}</th>
              <th scope="col">{t("leg.destination")}</th>
              <th scope="col">{t("leg.callId")}</th>
            </tr>
          </thead>
          <tbody>
            {legs.map((leg) => (
              <tr key={leg.id}>
                <td>
                  {leg.from || "–"} <span className="muted">{leg.from_name}</span>
                </td>
                <td>
                  {leg.to || "–"} <span className="muted">{leg.to_name}</span>
                </td>
                <td>{timeOfDay(leg.start)}</td>
                <td>{leg.answered ? timeOfDay(leg.answered) : "–"}</td>
                <td>{timeOfDay(leg.end)}</td>
                <td className="leg-state">
                  <StateMark state={leg.state} />
                  {leg.cause && (
                    <span className="muted" title={t("leg.cause")}>
                      {" "}
                      {leg.cause}
                    </span>
                  )}
                </td>
                <td>{leg.source || "–"}</td>
                <td>{leg.destination || "–"}</td>
                <td className="leg-id" title={leg.call_id}>
                  {leg.call_id || "–"}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
