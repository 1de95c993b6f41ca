import { useQuery } from "@tanstack/react-query";
import { Form, InputNumber, Select } from "antd";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../api/client";
import { DIRECTIONS, STATES } from "../calls/filters";
import { useTeams } from "./useCompliance";

/** The fields of criteria, in a form that has them under `criteria`. All empty means every call. */
export function CriteriaFields() {
  const { t } = useTranslation();
  const teams = useTeams();
  const agents = useQuery({
    queryKey: ["agents"],
    queryFn: () => unwrap(api.GET("/api/v1/agents")),
    staleTime: 300_000,
  });
  const tags = useQuery({ queryKey: ["tags"], queryFn: () => unwrap(api.GET("/api/v1/tags")) });
  return (
    <div className="criteria-fields">
      <Many name="teams" options={[...(teams.data ?? [])].map(([value, label]) => ({ value, label }))} />
      <Many
        name="agents"
        open
        options={(agents.data?.items ?? []).map(({ extension, name }) => ({
          value: extension,
          label: name ? `${extension} ${name}` : extension,
        }))}
      />
      <Many name="numbers" open options={[]} hint={t("criteria.numbersHint")} />
      <Many name="tags" open options={(tags.data?.items ?? []).map((value) => ({ value, label: value }))} />
      <Many name="states" options={STATES.map((value) => ({ value, label: t(`state.${value}`) }))} />
      <Many
        name="directions"
        options={DIRECTIONS.map((value) => ({ value, label: t(`direction.${value}`) }))}
      />
      <Form.Item name={["criteria", "shortest"]} label={t("criteria.shortest")}>
        <InputNumber min={0} precision={0} suffix="s" />
      </Form.Item>
      <Form.Item name={["criteria", "longest"]} label={t("criteria.longest")}>
        <InputNumber min={0} precision={0} suffix="s" />
      </Form.Item>
    </div>
  );
}

interface ManyProps {
  name: "teams" | "agents" | "numbers" | "tags" | "states" | "directions";
  options: { value: string; label: string }[];
  /** Whether something that is not offered can be written. */
  open?: boolean;
  hint?: string;
}

function Many({ name, options, open = false, hint }: ManyProps) {
  const { t } = useTranslation();
  return (
    <Form.Item name={["criteria", name]} label={t(`criteria.${name}`)}>
      <Select
        mode={open ? "tags" : "multiple"}
        options={options}
        placeholder={hint ?? t("criteria.any")}
        tokenSeparators={open ? [",", "，", " "] : []}
        showSearch={{ optionFilterProp: "label" }}
        {...(name === "numbers" ? { open: false, suffixIcon: null } : {})}
      />
    </Form.Item>
  );
}
