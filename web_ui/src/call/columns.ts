/** One upright line of the waveform, in pixels of the canvas. */
export interface Column {
  readonly x: number;
  readonly top: number;
  readonly height: number;
}

/**
 * The upright lines that draw `values` (minimum and maximum by turns, −1 … 1) over a canvas, one a pixel.
 *
 * `loudest` reaches from edge to edge. Where there are more values than pixels, a pixel has the extremes of
 * its values; where there are fewer, values are as wide as it takes. Silence is a line of one pixel. Signs and
 * not places tell minimum from maximum, as a part of a long recording may begin with either.
 */
export function waveColumns(
  values: ArrayLike<number>,
  width: number,
  height: number,
  loudest: number,
): Column[] {
  const middle = height / 2;
  const scale = (middle - 1) / loudest;
  const found: Column[] = [];
  const pairs = Math.ceil(values.length / 2);
  for (let x = 0; x < width; x += 1) {
    const from = Math.floor((x * pairs) / width);
    const to = Math.max(from + 1, Math.floor(((x + 1) * pairs) / width));
    let low = 0;
    let high = 0;
    for (let at = 2 * from; at < Math.min(2 * to, values.length); at += 1) {
      low = Math.min(low, values[at] ?? 0);
      high = Math.max(high, values[at] ?? 0);
    }
    const top = Math.round(middle - high * scale);
    const bottom = Math.round(middle - low * scale);
    found.push({ x, top, height: Math.max(1, bottom - top) });
  }
  return found;
}
