import { Alert, Button, Form, Input, type InputRef } from "antd";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { useSignIn } from "../app/session";
import { useErrorText } from "../app/useErrorText";

/** Name and password, and what was wrong with them. */
export function SignInForm({ ended }: { ended: boolean }) {
  const { t } = useTranslation();
  const signIn = useSignIn();
  const password = useRef<InputRef>(null);

  useEffect(() => {
    if (signIn.isError) password.current?.focus({ cursor: "all" });
  }, [signIn.isError]);

  return (
    <Form<Schemas["SignIn"]>
      layout="vertical"
      requiredMark={false}
      scrollToFirstError={{ focus: true }}
      size="large"
      onFinish={(values) => signIn.mutate(values)}
      onValuesChange={() => signIn.isError && signIn.reset()}
    >
      <div className="login-notice" aria-live="assertive">
        <Notice ended={ended} error={signIn.error} at={signIn.submittedAt} />
      </div>
      <Form.Item
        name="username"
        label={t("login.username")}
        rules={[{ required: true, message: t("login.usernameMissing") }]}
      >
        <Input autoFocus autoComplete="username" autoCapitalize="none" spellCheck={false} maxLength={64} />
      </Form.Item>
      <Form.Item
        name="password"
        label={t("login.password")}
        rules={[{ required: true, message: t("login.passwordMissing") }]}
      >
        <Input.Password ref={password} autoComplete="current-password" maxLength={256} />
      </Form.Item>
      <Button type="primary" htmlType="submit" block loading={signIn.isPending}>
        {t("login.submit")}
      </Button>
    </Form>
  );
}

/** `at` is when the failed attempt was made, milliseconds since the epoch. */
function Notice({ ended, error, at }: { ended: boolean; error: unknown; at: number }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  if (error) {
    const { title, hint } = errorText(error, new Date(at));
    return <Alert type="error" showIcon title={title} description={hint || undefined} />;
  }
  return ended ? <Alert type="info" showIcon title={t("login.expired")} /> : null;
}
