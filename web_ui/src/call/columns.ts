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
 * its values; where there are fewer, they are joined by slopes. Silence is a line of one pixel. Signs and not
 * places tell minimum from maximum, as a part of a long recording may begin with either.
 */
export function waveColumns(
  values: ArrayLike<number>,
  width: number,
  height: number,
  loudest: number,
): Column[] {
  const pairs = Math.max(1, Math.ceil(values.length / 2));
  const extremes = pairs > width ? gathered(values, pairs, width) : sloped(values, pairs, width);
  const middle = height / 2;
  const scale = (middle - 1) / loudest;
  return extremes.map(([low, high], x) => {
    const top = Math.round(middle - high * scale);
    const bottom = Math.round(middle - low * scale);
    return { x, top, height: Math.max(1, bottom - top) };
  });
}

type Extremes = readonly [low: number, high: number];

/** Lowest and highest of the pairs `from` to `to`; silence is both. */
function extremesOf(values: ArrayLike<number>, from: number, to: number): Extremes {
  let low = 0;
  let high = 0;
  for (let at = 2 * from; at < Math.min(2 * to, values.length); at += 1) {
    low = Math.min(low, values[at] ?? 0);
    high = Math.max(high, values[at] ?? 0);
  }
  return [low, high];
}

function gathered(values: ArrayLike<number>, pairs: number, width: number): Extremes[] {
  const edge = (x: number) => Math.floor((x * pairs) / width);
  return Array.from({ length: width }, (_, x) => extremesOf(values, edge(x), edge(x + 1)));
}

function sloped(values: ArrayLike<number>, pairs: number, width: number): Extremes[] {
  const points = Array.from({ length: pairs }, (_, at) => extremesOf(values, at, at + 1));
  return Array.from({ length: width }, (_, x) => {
    const place = Math.min(pairs - 1, (x * pairs) / width);
    const left = points[Math.floor(place)] ?? [0, 0];
    const right = points[Math.ceil(place)] ?? left;
    const share = place - Math.floor(place);
    return [left[0] + (right[0] - left[0]) * share, left[1] + (right[1] - left[1]) * share];
  });
}
