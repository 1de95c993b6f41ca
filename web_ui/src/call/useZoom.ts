import { useState } from "react";
import { fitting, zoomIn, zoomOut } from "./zoom";

export interface Zoom {
  /** Pixels a second that were chosen; 0 shows the whole call. */
  readonly level: number;
  /** Pixels a second as drawn. */
  readonly pixelsPerSecond: number;
  readonly step: (direction: 1 | -1) => void;
  /** Takes the width that the waveform has on the page. */
  readonly setWidth: (width: number) => void;
}

/** Width taken for granted until the page has been laid out. */
const USUAL_WIDTH = 1000;

export function useZoom(seconds: number): Zoom {
  const [level, setLevel] = useState(0);
  const [width, setWidth] = useState(USUAL_WIDTH);
  return {
    level,
    pixelsPerSecond: level || fitting(width, Math.max(seconds, 1)),
    step: (direction) => setLevel((direction > 0 ? zoomIn : zoomOut)(level, width, seconds)),
    setWidth,
  };
}
