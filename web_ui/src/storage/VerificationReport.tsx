import { useTranslation } from "react-i18next";
import { CallLink } from "../app/CallLink";
import { useMay } from "../app/session";
import { findingText } from "../call/findingText";
import { clock } from "../format/time";
import { useLanguage } from "../i18n/useLanguage";
import { STATES, type Verification } from "./verification";

/** How many calls are intact, altered or neither, which ones are not, and whether the chains of seals hold. */
export function VerificationReport({ found }: { found: Verification }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const gaps = found.chains.filter(({ state }) => state !== "intact");
  return (
    <>
      <p className="verdicts">
        {STATES.map((state) => (
          <span key={state} className={found.counts[state] > 0 ? `seal-${state}` : "muted"}>
            {t(`seal.${state}`)} {found.counts[state].toLocaleString(language)}
          </span>
        ))}
        {found.chains.length > 0 && gaps.length === 0 && <span className="good">{t("seal.chainsHold")}</span>}
        {gaps.map(({ chain, gaps: missing }) => (
          <span key={chain} className="bad">
            {t("seal.chainBroken", { chain, missing: missing.join(", ") || "–" })}
          </span>
        ))}
      </p>
      {found.calls.length > 0 && <NotIntact calls={found.calls} />}
    </>
  );
}

function NotIntact({ calls }: { calls: Verification["calls"] }) {
  const { t } = useTranslation();
  const hasCalls = useMay("calls.read");
  return (
    <table className="facts">
      <tbody>
        {calls.map(({ call, target, state, findings }) => (
          <tr key={`${call} ${target}`}>
            <td>{hasCalls ? <CallLink id={call}>{call}</CallLink> : <code>{call}</code>}</td>
            <td>{target}</td>
            <td className={`seal-${state}`}>{t(`seal.${state}`)}</td>
            <td>
              {findings.map((finding) => (
                <div key={`${finding.code} ${finding.file}`}>
                  {findingText(finding, t)}{" "}
                  {finding.parts.map(({ start, end }) => `${clock(start)}–${clock(end)}`).join(", ")}
                </div>
              ))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
