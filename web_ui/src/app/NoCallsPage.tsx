import { useQuery } from "@tanstack/react-query";
import { Tag } from "antd";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../api/client";
import { useMay } from "./session";
import { useTitle } from "./useTitle";

/** What who has no calls gets in their place: why, who has them, and what the role is for. */
export function NoCallsPage() {
  const { t } = useTranslation();
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
      {data && data.parts.length > 0 && (
        <>
          <h2>{t("admin.health")}</h2>
          <table className="facts">
            <tbody>
              {data.parts.map((part) => (
                <tr key={part.name}>
                  <th scope="row">{part.name}</th>
                  <td>
                    <Tag color={part.condition === "well" ? "success" : "error"}>
                      {t(`admin.${part.condition}`)}
                    </Tag>
                  </td>
                  <td>{part.detail}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </section>
  );
}
