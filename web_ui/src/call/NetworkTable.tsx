import { useTranslation } from "react-i18next";
import type { CallDetail } from "../api/client";
import { hasReports, milliseconds } from "./network";
import { SideMark } from "./PartyName";

/** How well each party was received, by what the phones reported; nothing where none did. */
export function NetworkTable({ parties }: { parties: CallDetail["parties"] }) {
  const { t } = useTranslation();
  if (!parties.some(hasReports)) return null;
  return (
    <>
      <h2 className="ledger-title" title={t("party.networkHint")}>
        {t("party.network")}
      </h2>
      <div className="scroll">
        <table className="facts ledger">
          <thead>
            <tr>
              <th scope="col">{t("party.side")}</th>
              <th scope="col" className="count">
                {t("party.jitter")}
              </th>
              <th scope="col" className="count">
                {t("party.roundTrip")}
              </th>
              <th scope="col" className="count" title={t("party.remoteLostHint")}>
                {t("party.remoteLost")}
              </th>
            </tr>
          </thead>
          <tbody>
            {parties.map((party) => (
              <tr key={party.side}>
                <th scope="row">
                  <SideMark side={party.side} />
                </th>
                <td className="count">{milliseconds(party.jitter_ms)}</td>
                <td className="count">{milliseconds(party.round_trip_ms)}</td>
                <td className={party.remote_lost ? "count bad" : "count"}>{party.remote_lost ?? "–"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
