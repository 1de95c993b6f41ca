import { Form, Input, InputNumber } from "antd";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { CriteriaFields } from "./CriteriaFields";
import { GivenModal } from "./GivenModal";
import { useDeed } from "./useCompliance";

type Given = Schemas["RuleGiven"];

/** Proposes a retention rule. */
export function ProposeRule({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [form] = Form.useForm<Given>();
  const deed = useDeed();
  const onFinish = (values: Given) =>
    deed.mutate(
      { what: "propose", body: { ...values, keep_days: values.keep_days ?? null } },
      { onSuccess: onClose },
    );
  return (
    <GivenModal
      title={t("rule.propose")}
      submit={t("rule.propose")}
      form={form}
      initial={{ priority: 100 }}
      deed={deed}
      onFinish={onFinish}
      onClose={onClose}
    >
      <Form.Item
        name="name"
        label={t("rule.name")}
        rules={[{ required: true, whitespace: true, message: t("compliance.nameMissing") }]}
      >
        <Input maxLength={200} placeholder={t("rule.namePlaceholder")} />
      </Form.Item>
      <div className="two-fields">
        <Form.Item name="keep_days" label={t("rule.keepDays")} extra={t("rule.keepHint")}>
          <InputNumber min={1} max={36_500} precision={0} />
        </Form.Item>
        <Form.Item
          name="priority"
          label={t("rule.priority")}
          extra={t("rule.priorityHint")}
          rules={[{ required: true, message: t("rule.priorityHint") }]}
        >
          <InputNumber min={0} max={1_000_000} precision={0} />
        </Form.Item>
      </div>
      <h3 className="criteria-title">{t("criteria.title")}</h3>
      <CriteriaFields />
    </GivenModal>
  );
}
