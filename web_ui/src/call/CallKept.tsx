import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { CallDetail, Schemas } from "../api/client";
import { useMay } from "../app/session";
import { fileSize } from "../format/size";
import { stamp } from "../format/time";
import { CopyMenu } from "./CopyMenu";
import { VerifySeal } from "./VerifySeal";

/** Where the call is kept, whether its copies are whole, and what holds it; for those who answer for that. */
export function CallKept({ call }: { call: CallDetail }) {
  const { t } = useTranslation();
  const mayHold = useMay("retention.request");
  const mayVerify = useMay("calls.verify");
  const mayCopy = useMay("calls.copy");
  const { keeping } = call;
  if (!keeping) return null;
  const held = keeping.holds.map(({ name }) => name).join(", ");
  const good = new Set(
    keeping.copies.filter(({ condition }) => condition === "good").map(({ target }) => target),
  );
  const way = (what: string) => `/compliance?${new URLSearchParams({ new: what, call: call.id })}`;
  return (
    <section className="card" aria-labelledby="kept">
      <h2 id="kept">{t("kept.title")}</h2>
      {held && <p className="kept-held">{t("kept.held", { names: held })}</p>}
      {keeping.copies.length > 0 ? (
        <Copies copies={keeping.copies} />
      ) : (
        <p className="muted kept-held">{t("kept.none")}</p>
      )}
      {mayVerify && <VerifySeal id={call.id} />}
      {mayHold && (
        <p className="kept-ways">
          <Link to={way("hold")}>{t("kept.hold")}</Link>
          {!held && <Link to={way("erasure")}>{t("kept.erase")}</Link>}
          {mayCopy && <CopyMenu id={call.id} held={good} />}
        </p>
      )}
    </section>
  );
}

function Copies({ copies }: { copies: readonly Schemas["CopyInfo"][] }) {
  const { t } = useTranslation();
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
        {copies.map(({ target, condition, bytes, checked }) => (
          <tr key={target}>
            <th scope="row">{target}</th>
            <td className={condition === "good" ? "good" : "bad"}>{t(`kept.${condition}`)}</td>
            <td className="count">{fileSize(bytes)}</td>
            <td>{checked ? stamp(checked) : t("kept.never")}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
