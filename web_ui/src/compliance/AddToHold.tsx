import { Form } from "antd";
import { useTranslation } from "react-i18next";
import { GivenModal } from "./GivenModal";
import { callIds, type Hold } from "./steps";
import { useDeed } from "./useCompliance";
import { CallsField } from "./WordFields";

/** Holds more calls under a hold that stands already. */
export function AddToHold({ hold, onClose }: { hold: Hold; onClose: () => void }) {
  const { t } = useTranslation();
  const [form] = Form.useForm<{ calls: string }>();
  const deed = useDeed();
  return (
    <GivenModal
      title={`${t("hold.add")}: ${hold.name}`}
      submit={t("hold.add")}
      form={form}
      initial={{}}
      deed={deed}
      onFinish={({ calls }) =>
        deed.mutate({ what: "hold-calls", id: hold.id, calls: callIds(calls) }, { onSuccess: onClose })
      }
      onClose={onClose}
    >
      <CallsField />
    </GivenModal>
  );
}
