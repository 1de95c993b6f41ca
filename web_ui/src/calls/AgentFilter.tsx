import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../api/client";

interface Props {
  agent: string;
  onChange: (agent: string) => void;
}

/** One of the agents within reach, found by extension, name or team. */
export function AgentFilter({ agent, onChange }: Props) {
  const { t } = useTranslation();
  const { data, isLoading } = useQuery({
    queryKey: ["agents"],
    queryFn: () => unwrap(api.GET("/api/v1/agents")),
    staleTime: 300_000,
  });
  const known = (data?.items ?? []).map(({ extension, name, team }) => ({
    value: extension,
    label: name ? `${extension} ${name}` : extension,
    search: `${extension} ${name} ${team}`.toLowerCase(),
  }));
  // A shared link may name an agent that this user's list does not have.
  const missing = agent && !known.some(({ value }) => value === agent);
  return (
    <Select
      aria-label={t("filter.agent")}
      className="filter-agent"
      showSearch={{ filterOption: (typed, option) => option?.search.includes(typed.toLowerCase()) ?? false }}
      loading={isLoading}
      popupMatchSelectWidth={260}
      value={agent}
      onChange={onChange}
      options={[
        { value: "", label: t("filter.anyAgent"), search: "" },
        ...(missing ? [{ value: agent, label: agent, search: agent }] : []),
        ...known,
      ]}
    />
  );
}
