import { DownloadOutlined } from "@ant-design/icons";
import { Button, Dropdown } from "antd";
import { useTranslation } from "react-i18next";
import { downloadUrl } from "../api/client";

/** The recording as a file. Opus is offered where it is archived so; WAV is made from anything. */
export function DownloadMenu({ id, format }: { id: string; format: string }) {
  const { t } = useTranslation();
  const link = (wanted: "opus" | "wav", label: string) => ({
    key: wanted,
    label: (
      <a href={downloadUrl(id, wanted)} download>
        {label}
      </a>
    ),
  });
  const items = [
    ...(format === "opus" ? [link("opus", t("call.downloadOpus"))] : []),
    link("wav", t("call.downloadWav")),
  ];
  return (
    <Dropdown menu={{ items }} trigger={["click"]}>
      <Button icon={<DownloadOutlined aria-hidden="true" />} aria-haspopup="menu">
        {t("call.download")}
      </Button>
    </Dropdown>
  );
}
