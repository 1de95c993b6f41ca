import { Alert, Button, Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { useStateReason } from "./session";
import { useErrorText } from "./useErrorText";

/** Where a user says why calls are looked at. */
export function ReasonForm() {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const statement = useStateReason();
  const rule = { required: true, min: 5, max: 500, whitespace: true, message: t("reason.tooShort") };
  return (
    <Form<{ reason: string }>
      layout="vertical"
      requiredMark={false}
      scrollToFirstError={{ focus: true }}
      onFinish={({ reason }) => statement.mutate(reason.trim())}
    >
      <Form.Item
        name="reason"
        className="reason-text"
        label={t("reason.label")}
        rules={[rule]}
        validateTrigger="onSubmit"
      >
        <Input.TextArea autoFocus rows={3} maxLength={500} showCount placeholder={t("reason.placeholder")} />
      </Form.Item>
      {statement.isError && (
        <Alert type="error" showIcon title={errorText(statement.error).title} className="spaced" />
      )}
      <Button type="primary" htmlType="submit" loading={statement.isPending}>
        {t("reason.submit")}
      </Button>
    </Form>
  );
}
