import { App } from "antd";
import { useTranslation } from "react-i18next";
import { ActionMenu } from "../app/ActionMenu";
import { useSayFailure } from "../app/useSayFailure";
import { takesCopies } from "../storage/progress";
import { useCopyCall, useTargets } from "../storage/useStorage";

interface Props {
  id: string;
  /** The targets that hold the call, and those that it waits for. */
  held: ReadonlySet<string>;
  onAsked: (target: string) => void;
}

/** Copies the call to one of the targets that lack it, before others. */
export function CopyMenu({ id, held, onAsked }: Props) {
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
        onSuccess: ({ waiting, target }) => {
          if (waiting) onAsked(target);
          void message.success(t(waiting ? "kept.copyAsked" : "kept.copyThere", { target }));
        },
        onError: say,
      }),
  }));
  return (
    <ActionMenu items={items} type="link" size="small" className="flush" loading={copy.isPending}>
      {t("kept.copyTo")}
    </ActionMenu>
  );
}
