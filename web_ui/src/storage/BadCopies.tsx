import { useTranslation } from "react-i18next";
import { CallLink } from "../app/CallLink";
import { useMay } from "../app/session";
import type { BadCopy } from "./scrubbing";

/** The copies that were damaged or missing, and whether they are good again; snapshots are named by their path. */
export function BadCopies({ copies }: { copies: readonly BadCopy[] }) {
  const { t } = useTranslation();
  const hasCalls = useMay("calls.read");
  if (copies.length === 0) return <p className="good none">{t("run.allGood")}</p>;
  return (
    <table className="facts">
      <tbody>
        {copies.map(({ call, target, file, condition, repaired }) => (
          <tr key={`${call} ${target} ${file}`}>
            <td>
              {hasCalls && !call.includes("/") ? <CallLink id={call}>{call}</CallLink> : <code>{call}</code>}
            </td>
            <td>{target}</td>
            <td>{file}</td>
            <td className={repaired ? "warn" : "bad"}>{t(`kept.${condition}`)}</td>
            <td className={repaired ? "good" : "bad"}>
              {repaired !== null && t(repaired ? "run.repaired" : "run.notRepaired")}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
