import { App, Button, Dropdown } from "antd";
import { useTranslation } from "react-i18next";
import { useSayFailure } from "../app/useSayFailure";
import { takesCopies } from "../storage/progress";
import { useCopyCall, useTargets } from "../storage/useStorage";

/** Copies the call to one of the targets that lack it, before others. */
export function CopyMenu({ id, held }: { id: string; held: ReadonlySet<string> }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const say = useSayFailure();
  const targets = useTargets(false);
  const copy = useCopyCall(id);
  const lacking = (targets.data?.items ?? []).filter(
    (target) => takesCopies(target) && !held.has(target.name),
  );
  if (lacking.length === 0) return null;
  const items = lacking.map(({ name }) => ({
    key: name,
    label: name,
    onClick: () =>
      copy.mutate(name, {
        onSuccess: ({ waiting, target }) =>
          void message.success(t(waiting ? "kept.copyAsked" : "kept.copyThere", { target })),
        onError: say,
      }),
  }));
  return (
    <Dropdown menu={{ items }} trigger={["click"]}>
      <Button type="link" size="small" className="flush" loading={copy.isPending} aria-haspopup="menu">
        {t("kept.copyTo")}
      </Button>
    </Dropdown>
  );
}
