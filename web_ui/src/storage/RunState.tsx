import { useTranslation } from "react-i18next";
import { type Outcome, outcomeOf } from "./outcome";
import type { Run } from "./progress";

const SIGNS: Readonly<Record<Outcome, string>> = {
  asked: "…",
  running: "▶",
  stopping: "■",
  done: "✓",
  findings: "!",
  restored: "!",
  grave: "!",
  failed: "✕",
  stopped: "■",
  interrupted: "✕",
};

/** How a run is, by a sign, a word and a colour. */
export function RunState({ run }: { run: Run }) {
  const { t } = useTranslation();
  const outcome = outcomeOf(run);
  return (
    <span className={`run-state run-${outcome}`}>
      <span aria-hidden="true">{SIGNS[outcome]}</span> {t(`run.is.${outcome}`)}
    </span>
  );
}
