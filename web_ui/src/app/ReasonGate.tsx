import { Alert, Button, Form, Input } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { errorText } from "../api/errorText";
import { useSession, useStateReason } from "./session";
import { useTitle } from "./useTitle";

/** Asks those whose role reaches every call why they look, before they do and when the reason has run out. */
export function ReasonGate({ children }: { children: ReactNode }) {
  const { reason } = useSession();
  return reason.required && reason.text === null ? <ReasonDialog /> : children;
}

function ReasonDialog() {
  const { t } = useTranslation();
  const statement = useStateReason();
  useTitle(t("reason.title"));
  const rule = { required: true, min: 5, max: 500, whitespace: true, message: t("reason.tooShort") };
  return (
    <section className="card card-narrow" aria-labelledby="reason-title">
      <h1 id="reason-title">{t("reason.title")}</h1>
      <p className="muted">{t("reason.lead")}</p>
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
          <Input.TextArea
            autoFocus
            rows={3}
            maxLength={500}
            showCount
            placeholder={t("reason.placeholder")}
          />
        </Form.Item>
        {statement.isError && (
          <Alert
            type="error"
            showIcon
            title={errorText(statement.error, t, new Date()).title}
            className="spaced"
          />
        )}
        <Button type="primary" htmlType="submit" loading={statement.isPending}>
          {t("reason.submit")}
        </Button>
      </Form>
    </section>
  );
}
