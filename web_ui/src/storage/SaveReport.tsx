import { Button } from "antd";
import { useTranslation } from "react-i18next";

/** Saves a report as a file; it is made when somebody asks for it. */
export function SaveReport({ name, text }: { name: string; text: () => string }) {
  const { t } = useTranslation();
  const save = () => {
    const address = URL.createObjectURL(new Blob([text()], { type: "text/csv;charset=utf-8" }));
    const link = document.createElement("a");
    link.href = address;
    link.download = name;
    link.click();
    URL.revokeObjectURL(address);
  };
  return (
    <Button size="small" className="save-report" onClick={save}>
      {t("run.save")}
    </Button>
  );
}
