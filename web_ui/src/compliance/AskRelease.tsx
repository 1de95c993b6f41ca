import { Form } from "antd";
import { useTranslation } from "react-i18next";
import { GivenModal } from "./GivenModal";
import type { Hold } from "./steps";
import { useDeed } from "./useCompliance";
import { ReasonField } from "./WordFields";

/** Asks that a hold be released, and says why. */
export function AskRelease({ hold, onClose }: { hold: Hold; onClose: () => void }) {
  const { t } = useTranslation();
  const [form] = Form.useForm<{ reason: string }>();
  const deed = useDeed();
  return (
    <GivenModal
      title={`${t("hold.step.ask-release")}: ${hold.name}`}
      submit={t("hold.step.ask-release")}
      form={form}
      initial={{}}
      deed={deed}
      onFinish={({ reason }) =>
        deed.mutate({ what: "hold", id: hold.id, step: "ask-release", reason }, { onSuccess: onClose })
      }
      onClose={onClose}
    >
      <p className="muted">{t("hold.hint.ask-release")}</p>
      <ReasonField placeholder={t("hold.releasePlaceholder")} />
    </GivenModal>
  );
}
