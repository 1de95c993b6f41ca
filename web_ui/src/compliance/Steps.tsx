import { App, Button, Popconfirm } from "antd";
import { useTranslation } from "react-i18next";
import { stamp } from "../format/time";

interface StepProps {
  label: string;
  /** What it brings about, to be read before it is done. */
  hint: string;
  needsOther: boolean;
  danger?: boolean;
  busy: boolean;
  onStep: () => void;
}

/** One step that can be taken, or why it needs somebody else. */
export function StepButton({ label, hint, needsOther, danger = false, busy, onStep }: StepProps) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  if (needsOther)
    return (
      <Button
        size="small"
        className="step-needs-other"
        aria-disabled
        title={t("compliance.needsOther")}
        onClick={() => void message.info(t("compliance.needsOther"))}
      >
        {label}
      </Button>
    );
  return (
    <Popconfirm
      title={label}
      description={<div className="step-hint">{hint}</div>}
      okText={label}
      okButtonProps={{ danger, autoFocus: !danger }}
      cancelButtonProps={{ autoFocus: danger }}
      onConfirm={onStep}
      placement="bottomRight"
    >
      <Button size="small" danger={danger} disabled={busy}>
        {label}
      </Button>
    </Popconfirm>
  );
}

/** Who did something and when. */
export function By({ who, at }: { who: string; at: string | null }) {
  if (!who || !at) return <span className="muted">–</span>;
  return (
    <>
      {who}
      <div className="muted at">{stamp(at)}</div>
    </>
  );
}
