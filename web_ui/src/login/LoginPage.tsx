import { Alert, Button, Form, Input, type InputRef } from "antd";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { errorText } from "../api/errorText";
import { LanguageSwitch } from "../app/LanguageSwitch";
import { Logo } from "../app/Logo";
import { useSignIn } from "../app/session";
import { useTitle } from "../app/useTitle";
import "./login.css";

/** Sign in. `ended` tells who was thrown out that nothing is lost. */
export function LoginPage({ ended }: { ended: boolean }) {
  const { t } = useTranslation();
  const signIn = useSignIn();
  const password = useRef<InputRef>(null);
  useTitle(t("login.title"));

  useEffect(() => {
    if (signIn.isError) password.current?.focus({ cursor: "all" });
  }, [signIn.isError]);

  return (
    <div className="login">
      <div className="login-language">
        <LanguageSwitch />
      </div>
      <main className="login-card">
        <h1>
          <Logo size={34} /> Earwitness
        </h1>
        <p className="login-lead">{t("login.lead")}</p>
        <div className="login-notice" aria-live="assertive">
          {notice()}
        </div>
        <Form<Schemas["SignIn"]>
          layout="vertical"
          requiredMark={false}
          scrollToFirstError={{ focus: true }}
          size="large"
          onFinish={(values) => signIn.mutate(values)}
          onValuesChange={() => signIn.isError && signIn.reset()}
        >
          <Form.Item
            name="username"
            label={t("login.username")}
            rules={[{ required: true, message: t("login.usernameMissing") }]}
          >
            <Input
              autoFocus
              autoComplete="username"
              autoCapitalize="none"
              spellCheck={false}
              maxLength={64}
            />
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
      </main>
    </div>
  );

  function notice() {
    if (signIn.isError) {
      const { title, hint } = errorText(signIn.error, t, new Date(signIn.submittedAt));
      return <Alert type="error" showIcon title={title} description={hint || undefined} />;
    }
    return ended ? <Alert type="info" showIcon title={t("login.expired")} /> : null;
  }
}
