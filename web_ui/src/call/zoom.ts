/** Zoom levels of the waveform, pixels a second; 0 shows the whole call. */

const DOUBLINGS = 2;
const FINEST = 400;

/** Pixels a second that just show all of `seconds` in `width` pixels. */
export function fitting(width: number, seconds: number): number {
  return seconds > 0 ? width / seconds : 0;
}

/** The next level in; starts from the whole call and ends where more shows nothing more. */
export function zoomIn(current: number, width: number, seconds: number): number {
  return Math.min(FINEST, Math.max(current, fitting(width, seconds)) * DOUBLINGS);
}

/** The next level out; 0, which follows the width of the window, from where the whole call fits. */
export function zoomOut(current: number, width: number, seconds: number): number {
  const next = current / DOUBLINGS;
  return next <= fitting(width, seconds) * 1.01 ? 0 : next;
}
