import { useTranslation } from "react-i18next";
import { LanguageSwitch } from "../app/LanguageSwitch";
import { Logo } from "../app/Logo";
import { useTitle } from "../app/useTitle";
import { SignInForm } from "./SignInForm";
import "./login.css";

/** Sign in. `ended` tells who was thrown out that nothing is lost. */
export function LoginPage({ ended }: { ended: boolean }) {
  const { t } = useTranslation();
  useTitle(t("login.title"));
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
        <SignInForm ended={ended} />
      </main>
    </div>
  );
}
