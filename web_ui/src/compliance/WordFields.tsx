import { Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { callIds } from "./steps";

const MOST_CALLS = 1000;

/** Why something is done; it goes into the audit log. */
export function ReasonField({ placeholder }: { placeholder: string }) {
  const { t } = useTranslation();
  const rule = { required: true, min: 5, max: 2000, whitespace: true, message: t("reason.tooShort") };
  return (
    <Form.Item name="reason" label={t("reason.label")} rules={[rule]} validateTrigger="onSubmit">
      <Input.TextArea rows={2} maxLength={2000} placeholder={placeholder} />
    </Form.Item>
  );
}

/** Calls by their ids or the addresses of their pages. */
export function CallsField() {
  const { t } = useTranslation();
  const validator = async (_: unknown, text: string | undefined) => {
    const count = callIds(text ?? "").length;
    if (count < 1 || count > MOST_CALLS) throw new Error(t("compliance.callsMissing"));
  };
  return (
    <Form.Item
      name="calls"
      label={t("compliance.calls")}
      extra={t("compliance.callsHint")}
      rules={[{ validator }]}
      validateTrigger="onSubmit"
    >
      <Input.TextArea rows={3} spellCheck={false} className="call-ids" />
    </Form.Item>
  );
}
