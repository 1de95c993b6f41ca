import { Modal } from "antd";
import { useTranslation } from "react-i18next";
import { KEYMAP, type Page } from "./keymap";
import "./keys.css";

const PAGES: readonly Page[] = ["everywhere", "calls", "call", "storage", "compliance", "audit"];
const SIGNS: Readonly<Record<string, string>> = {
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  Escape: "Esc",
};

/** Every key of every page, from the table that the pages act on. */
export function KeyHelp({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal open={open} onCancel={onClose} title={t("keys.title")} footer={null} width={720}>
      <div className="key-help">
        {PAGES.map((page) => (
          <section key={page} aria-label={t(`keys.${page}`)}>
            <h3>{t(`keys.${page}`)}</h3>
            <dl>
              {KEYMAP.filter((binding) => binding.page === page).map((binding) => (
                <div key={binding.action}>
                  <dt>
                    {binding.keys.map((key) => (
                      <kbd key={key}>{keyName(key)}</kbd>
                    ))}
                  </dt>
                  <dd>{t(`keys.${binding.action}`)}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );

  function keyName(key: string): string {
    if (key === " ") return t("keys.space");
    const [name = "", shifted] = key.split("Shift+").reverse();
    return `${shifted === undefined ? "" : "⇧ "}${SIGNS[name] ?? name}`;
  }
}
