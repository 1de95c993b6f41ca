import { CheckOutlined, SendOutlined } from "@ant-design/icons";
import { App, Button, Popconfirm } from "antd";
import { useTranslation } from "react-i18next";
import type { CallDetail, Schemas } from "../api/client";
import { useErrorText } from "../app/useErrorText";
import { useRelease } from "./useCall";

/** Lets the agent see and hear the call. It cannot be taken back, so it asks. */
export function ReleaseButton({ call, agent }: { call: CallDetail; agent: Schemas["Agent"] }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { message } = App.useApp();
  const release = useRelease(call.id);
  if (call.released)
    return (
      <span className="released">
        <CheckOutlined aria-hidden="true" /> {t("call.released")}
      </span>
    );
  const onConfirm = () =>
    release.mutate(undefined, {
      onSuccess: () => void message.success(t("call.releaseDone")),
      onError: (error) => void message.error(errorText(error).title),
    });
  return (
    <Popconfirm
      title={t("call.release")}
      description={t("call.releaseHint", { agent: agent.name || agent.extension })}
      okText={t("call.release")}
      onConfirm={onConfirm}
      placement="bottomRight"
    >
      <Button icon={<SendOutlined aria-hidden="true" />} loading={release.isPending}>
        {t("call.release")}
      </Button>
    </Popconfirm>
  );
}
