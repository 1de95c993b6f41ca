import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { CallDetail, Schemas } from "../api/client";
import { useMay } from "../app/session";
import { fileSize } from "../format/size";
import { stamp } from "../format/time";
import { CopyMenu } from "./CopyMenu";
import { useAskedCopies } from "./useAskedCopies";
import { VerifySeal } from "./VerifySeal";

/** Where the call is kept, whether its copies are whole, and what holds it; for those who answer for that. */
export function CallKept({ call }: { call: CallDetail }) {
  const { t } = useTranslation();
  const mayHold = useMay("retention.request");
  const mayVerify = useMay("calls.verify");
  const mayCopy = useMay("calls.copy");
  const { keeping } = call;
  const copies = keeping?.copies ?? [];
  const good = new Set(copies.filter(({ condition }) => condition === "good").map(({ target }) => target));
  const { waiting, ask } = useAskedCopies(call.id, good);
  const [altered, setAltered] = useState<ReadonlySet<string>>(new Set());
  if (!keeping) return null;
  const held = keeping.holds.map(({ name }) => name).join(", ");
  const way = (what: string) => `/compliance?${new URLSearchParams({ new: what, call: call.id })}`;
  return (
    <section className="card" aria-labelledby="kept">
      <h2 id="kept">{t("kept.title")}</h2>
      {held && <p className="kept-held">{t("kept.held", { names: held })}</p>}
      {copies.length + waiting.length > 0 ? (
        <Copies copies={copies} waiting={waiting} altered={altered} />
      ) : (
        <p className="muted kept-held">{t("kept.none")}</p>
      )}
      {mayVerify && (
        <VerifySeal
          id={call.id}
          onVerdicts={(verdicts) =>
            setAltered(
              new Set(verdicts.filter(({ state }) => state === "altered").map(({ target }) => target)),
            )
          }
        />
      )}
      {mayHold && (
        <p className="kept-ways">
          <Link to={way("hold")}>{t("kept.hold")}</Link>
          {!held && <Link to={way("erasure")}>{t("kept.erase")}</Link>}
          {mayCopy && <CopyMenu id={call.id} held={new Set([...good, ...waiting])} onAsked={ask} />}
        </p>
      )}
    </section>
  );
}

interface CopiesProps {
  copies: readonly Schemas["CopyInfo"][];
  /** Targets whose copy was asked for. */
  waiting: readonly string[];
  /** Targets whose copy proved altered just now: they were good when they were read back. */
  altered: ReadonlySet<string>;
}

function Copies({ copies, waiting, altered }: CopiesProps) {
  const { t } = useTranslation();
  const there = copies.filter(({ target }) => !waiting.includes(target));
  return (
    <table className="facts">
      <thead>
        <tr>
          <th scope="col">{t("kept.target")}</th>
          <th scope="col">{t("kept.condition")}</th>
          <th scope="col" className="count">
            {t("kept.size")}
          </th>
          <th scope="col">{t("kept.checked")}</th>
        </tr>
      </thead>
      <tbody>
        {there.map(({ target, condition, bytes, checked }) => (
          <tr key={target}>
            <th scope="row">{target}</th>
            <td className={condition === "good" && !altered.has(target) ? "good" : "bad"}>
              {t(condition === "good" && altered.has(target) ? "seal.altered" : `kept.${condition}`)}
            </td>
            <td className="count">{fileSize(bytes)}</td>
            <td>{checked ? stamp(checked) : t("kept.never")}</td>
          </tr>
        ))}
        {waiting.map((target) => (
          <tr key={target}>
            <th scope="row">{target}</th>
            <td colSpan={3} className="warn">
              {t("kept.waits")}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
