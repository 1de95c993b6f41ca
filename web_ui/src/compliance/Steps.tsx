import { Button, Popconfirm } from "antd";
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
  if (needsOther)
    return (
      <Button size="small" disabled title={t("compliance.needsOther")}>
        {label}
      </Button>
    );
  return (
    <Popconfirm
      title={label}
      description={<div className="step-hint">{hint}</div>}
      okText={label}
      okButtonProps={{ danger }}
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
