import type { ThemeConfig } from "antd";
import { FONT, PALETTE } from "./palette";

/** Ant Design in our colours, and dense: people look at lists all day. */
export const THEME: ThemeConfig = {
  token: {
    colorPrimary: PALETTE.brand,
    colorLink: PALETTE.brand,
    colorInfo: PALETTE.brand,
    colorSuccess: PALETTE.good,
    colorError: PALETTE.bad,
    colorInfoBg: "#e9f2f6",
    colorInfoBorder: "#b9d3de",
    colorErrorBg: "#fdf1f0",
    colorErrorBorder: "#eab8b4",
    colorTextBase: PALETTE.ink,
    colorTextSecondary: PALETTE.muted,
    colorTextDescription: PALETTE.muted,
    colorTextPlaceholder: "#6b7885",
    colorBgLayout: PALETTE.ground,
    colorBorder: "#c3ccd4",
    fontFamily: FONT,
    fontSize: 13,
    controlHeight: 28,
    sizeStep: 3,
    borderRadius: 5,
    motion: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    motionDurationMid: "0.1s",
    motionDurationSlow: "0.15s",
  },
  components: { Descriptions: { itemPaddingBottom: 4 } },
};
