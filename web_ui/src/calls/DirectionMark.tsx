import { ArrowDownOutlined, ArrowUpOutlined, QuestionOutlined, SwapOutlined } from "@ant-design/icons";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Direction } from "./filters";
import "./marks.css";

const SIGNS: Readonly<Record<Direction, ReactNode>> = {
  inbound: <ArrowDownOutlined rotate={45} aria-hidden="true" />,
  outbound: <ArrowUpOutlined rotate={45} aria-hidden="true" />,
  internal: <SwapOutlined aria-hidden="true" />,
  unknown: <QuestionOutlined aria-hidden="true" />,
};

export function DirectionMark({ direction }: { direction: Direction }) {
  const { t } = useTranslation();
  return (
    <span className={`direction direction-${direction}`}>
      <span aria-hidden="true">{SIGNS[direction]}</span> {t(`direction.${direction}`)}
    </span>
  );
}
