import { useQuery } from "@tanstack/react-query";
import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../api/client";
import { zoneName } from "../format/time";
import { useReason } from "../reasons/useReason";
import { partText } from "./partText";
import { useMay } from "./session";
import { useTitle } from "./useTitle";

/** What who has no calls gets in their place: why, who has them, and what the role is for. */
export function NoCallsPage() {
  const { t } = useTranslation();
  const said = useReason();
  const maySee = useMay("system.read");
  const { data } = useQuery({
    queryKey: ["system"],
    queryFn: () => unwrap(api.GET("/api/v1/system")),
    enabled: maySee,
    refetchInterval: 10_000,
  });
  useTitle(t("admin.title"));
  return (
    <section className="card card-narrow">
      <h1>{t("admin.title")}</h1>
      <p className="muted">{t("admin.lead")}</p>
      <p>
        {t("admin.manage")} <code>earwitness user</code>, <code>earwitness agent</code>
      </p>
      {data && data.parts.length > 0 && (
        <>
          <h2>{t("admin.health")}</h2>
          <p className="muted">{t("app.times", { zone: zoneName() })}</p>
          <table className="facts">
            <tbody>
              {data.parts.map((part) => (
                <Fragment key={part.name}>
                  <tr>
                    <th scope="row">
                      {part.name}
                      <div className="muted part-does">{partText(part.name, t)}</div>
                    </th>
                    <td>
                      <span className={part.condition === "well" ? "good" : "bad"}>
                        <span aria-hidden="true">{part.condition === "well" ? "✓" : "✕"}</span>{" "}
                        {t(`admin.${part.condition}`)}
                      </span>
                    </td>
                  </tr>
                  {part.detail && (
                    <tr className="why">
                      <td colSpan={2}>
                        {part.detail.split("\n").map((line) => (
                          <div key={line}>{said(line)}</div>
                        ))}
                      </td>
                    </tr>
                  )}
                </Fragment>
              ))}
            </tbody>
          </table>
        </>
      )}
    </section>
  );
}
