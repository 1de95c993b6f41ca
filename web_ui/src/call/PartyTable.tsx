import { useTranslation } from "react-i18next";
import type { CallDetail, Party } from "../api/client";
import { clock, shortSeconds } from "../format/time";
import { hasPackets, isBalanced, LEDGER, LOSSES, ssrcText } from "./ledger";
import { NetworkTable } from "./NetworkTable";
import { SideMark } from "./PartyName";
import { partyName } from "./people";

interface Props {
  parties: CallDetail["parties"];
  agent: CallDetail["agent"];
  measures: CallDetail["measures"];
}

/** The parties, what was heard of them, and where each of their packets went. */
export function PartyTable({ parties, agent, measures }: Props) {
  const { t } = useTranslation();
  const heard = parties.filter(({ packets }) => hasPackets(packets));
  return (
    <section className="card" aria-labelledby="parties">
      <h2 id="parties">{t("party.title")}</h2>
      <div className="scroll">
        <table className="facts">
          <thead>
            <tr>
              <th scope="col">{t("party.side")}</th>
              <th scope="col">{t("party.name")}</th>
              <th scope="col">{t("party.number")}</th>
              <th scope="col">{t("party.codec")}</th>
              <th scope="col">{t("party.ssrc")}</th>
              <th scope="col" className="count">
                {t("party.talk")}
              </th>
              <th scope="col" className="count">
                {t("party.heard")}
              </th>
              <th scope="col" className="count">
                {t("party.unrecorded")}
              </th>
              <th scope="col" className="count" title={t("party.mosHint")}>
                {t("party.mos")}
              </th>
            </tr>
          </thead>
          <tbody>
            {parties.map((party) => (
              <PartyRow
                key={party.side}
                party={party}
                name={partyName(party, agent)}
                talk={party.side === "A" ? measures?.talk_a : measures?.talk_b}
              />
            ))}
          </tbody>
        </table>
      </div>
      {heard.length > 0 && (
        <>
          <h2 className="ledger-title" title={t("party.ledgerHint")}>
            {t("party.ledger")}
          </h2>
          <div className="scroll">
            <Ledger parties={heard} />
          </div>
        </>
      )}
      <NetworkTable parties={parties} />
    </section>
  );
}

function PartyRow({ party, name, talk }: { party: Party; name: string; talk: number | undefined }) {
  return (
    <tr>
      <th scope="row">
        <SideMark side={party.side} />
      </th>
      <td>{name || "–"}</td>
      <td>{party.number || "–"}</td>
      <td>{party.codec || "–"}</td>
      <td>
        <code>{party.ssrc.map(ssrcText).join(" ") || "–"}</code>
      </td>
      <td className="count">{talk === undefined ? "–" : clock(talk)}</td>
      <td className="count">{clock(Math.max(0, party.seconds - party.unrecorded_seconds))}</td>
      <td className={party.unrecorded_seconds > 0 ? "count bad" : "count"}>
        {shortSeconds(party.unrecorded_seconds)} s
      </td>
      <td className="count">{party.mos?.toFixed(1) ?? "–"}</td>
    </tr>
  );
}

function Ledger({ parties }: { parties: CallDetail["parties"] }) {
  const { t } = useTranslation();
  return (
    <table className="facts ledger">
      <thead>
        <tr>
          <th scope="col">{t("party.side")}</th>
          {LEDGER.map((name) => (
            <th key={name} scope="col" className="count">
              {t(`party.${name}`)}
            </th>
          ))}
          <th scope="col">
            <span className="visually-hidden">{t("party.balanced")}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {parties.map(({ side, packets }) => (
          <tr key={side}>
            <th scope="row">
              <SideMark side={side} />
            </th>
            {LEDGER.map((name) => (
              <td key={name} className={LOSSES.has(name) && packets[name] > 0 ? "count bad" : "count"}>
                {packets[name]}
              </td>
            ))}
            <td>
              {isBalanced(packets) ? (
                <span
                  className="good"
                  role="img"
                  aria-label={t("party.balanced")}
                  title={t("party.balanced")}
                >
                  ✓
                </span>
              ) : (
                <span
                  className="bad"
                  role="img"
                  aria-label={t("party.unbalanced")}
                  title={t("party.unbalanced")}
                >
                  ≠
                </span>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
