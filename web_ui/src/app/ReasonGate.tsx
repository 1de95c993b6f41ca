import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ReasonForm } from "./ReasonForm";
import { useSession } from "./session";
import { useTitle } from "./useTitle";

/** Whether this user has to say first why calls are looked at, or again because the reason has run out. */
export function useOwesReason(): boolean {
  const { reason } = useSession();
  return reason.required && reason.text === null;
}

/** Asks those whose role reaches every call why they look, before they do and when the reason has run out. */
export function ReasonGate({ children }: { children: ReactNode }) {
  return useOwesReason() ? <ReasonPage /> : children;
}

function ReasonPage() {
  const { t } = useTranslation();
  useTitle(t("reason.title"));
  return (
    <section className="card card-narrow" aria-labelledby="reason-title">
      <h1 id="reason-title">{t("reason.title")}</h1>
      <p className="muted">{t("reason.lead")}</p>
      <ReasonForm />
    </section>
  );
}
