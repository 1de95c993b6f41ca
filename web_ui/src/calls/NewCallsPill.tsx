import { Button } from "antd";
import { useTranslation } from "react-i18next";
import type { Newer } from "./newer";

/** Says that there are new calls and shows them when asked: rows never jump under the reader. */
export function NewCallsPill({ newer, onShow }: { newer: Newer; onShow: () => void }) {
  const { t } = useTranslation();
  return (
    <div className="pill" aria-live="polite">
      {newer.count > 0 && (
        <Button type="primary" shape="round" size="small" onClick={onShow}>
          ↑ {t("list.new", { count: newer.count, shown: `${newer.count}${newer.atLeast ? "+" : ""}` })}
        </Button>
      )}
    </div>
  );
}
