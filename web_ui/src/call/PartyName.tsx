import { useTranslation } from "react-i18next";
import type { Side } from "../api/client";

/** A party's letter in its colour: the same everywhere on the page. */
export function SideMark({ side }: { side: Side }) {
  const { t } = useTranslation();
  return (
    <span className={`side side-${side}`} title={t("player.party", { side })}>
      {side}
    </span>
  );
}

export function PartyName({ side, number, name }: { side: Side; number: string; name: string }) {
  const { t } = useTranslation();
  return (
    <span className="party-name">
      <SideMark side={side} />
      <span className="party-number">{number || t("call.noName")}</span>
      {name && name !== number && <span className="muted">{name}</span>}
    </span>
  );
}
