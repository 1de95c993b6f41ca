import { Form, Input, Segmented } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { CriteriaFields } from "./CriteriaFields";
import { EVERY_CALL } from "./criteriaText";
import { GivenModal } from "./GivenModal";
import { callIds } from "./steps";
import { useDeed } from "./useCompliance";
import { CallsField, ReasonField } from "./WordFields";

interface Given {
  name: string;
  reason: string;
  calls?: string;
  criteria?: Schemas["CriteriaGiven"];
}

/** Places a legal hold on calls that are named, or on those that meet criteria, coming ones too. */
export function PlaceHold({ calls, onClose }: { calls: string; onClose: () => void }) {
  const { t } = useTranslation();
  const [form] = Form.useForm<Given>();
  const [by, setBy] = useState<"calls" | "criteria">("calls");
  const deed = useDeed();
  const onFinish = ({ name, reason, calls: named, criteria }: Given) => {
    const which =
      by === "calls"
        ? { calls: callIds(named ?? ""), criteria: null }
        : { calls: [], criteria: criteria ?? EVERY_CALL };
    deed.mutate({ what: "place", body: { name, reason, ...which } }, { onSuccess: onClose });
  };
  return (
    <GivenModal
      title={t("hold.place")}
      submit={t("hold.place")}
      form={form}
      initial={{ calls }}
      deed={deed}
      onFinish={onFinish}
      onClose={onClose}
    >
      <Form.Item
        name="name"
        label={t("hold.name")}
        rules={[{ required: true, whitespace: true, message: t("compliance.nameMissing") }]}
      >
        <Input maxLength={200} placeholder={t("hold.namePlaceholder")} />
      </Form.Item>
      <ReasonField placeholder={t("hold.reasonPlaceholder")} />
      <Segmented
        className="spaced"
        value={by}
        onChange={setBy}
        options={[
          { value: "calls", label: t("hold.byCalls") },
          { value: "criteria", label: t("hold.byCriteria") },
        ]}
      />
      {by === "calls" ? <CallsField /> : <CriteriaFields />}
    </GivenModal>
  );
}
