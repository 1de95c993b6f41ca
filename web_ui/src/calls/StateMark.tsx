import { useTranslation } from "react-i18next";
import type { CallState } from "./filters";
import "./marks.css";

/** How a call ended: a dot for the eye, the word for everybody. */
export function StateMark({ state }: { state: CallState }) {
  const { t } = useTranslation();
  return (
    <span className={`state state-${state}`}>
      <span className="state-dot" aria-hidden="true" />
      {t(`state.${state}`)}
    </span>
  );
}
