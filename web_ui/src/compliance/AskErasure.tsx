import { Form } from "antd";
import { useTranslation } from "react-i18next";
import { GivenModal } from "./GivenModal";
import { callIds } from "./steps";
import { useDeed } from "./useCompliance";
import { CallsField, ReasonField } from "./WordFields";

interface Given {
  reason: string;
  calls: string;
}

/** Asks that calls be erased before their time. */
export function AskErasure({ calls, onClose }: { calls: string; onClose: () => void }) {
  const { t } = useTranslation();
  const [form] = Form.useForm<Given>();
  const deed = useDeed();
  return (
    <GivenModal
      title={t("erasure.ask")}
      submit={t("erasure.ask")}
      form={form}
      initial={{ calls }}
      deed={deed}
      onFinish={({ reason, calls: named }) =>
        deed.mutate({ what: "request", body: { reason, calls: callIds(named) } }, { onSuccess: onClose })
      }
      onClose={onClose}
    >
      <p className="muted">{t("erasure.askHint")}</p>
      <CallsField />
      <ReasonField placeholder={t("erasure.reasonPlaceholder")} />
    </GivenModal>
  );
}
