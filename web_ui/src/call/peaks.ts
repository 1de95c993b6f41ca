import type { Peaks } from "../api/client";

/** The waveform of one call: for each channel minimum and maximum by turns, −1 … 1. */
export interface Wave {
  readonly channels: readonly Float32Array[];
  readonly pixelsPerSecond: number;
  /** Seconds that the pixels cover. */
  readonly seconds: number;
}

/** The server's 8-bit peaks as fractions of full scale. */
export function waveOf(peaks: Peaks): Wave {
  const channels = peaks.data.map((values) => Float32Array.from(values, (value) => value / 128));
  return {
    channels,
    pixelsPerSecond: peaks.pixels_per_second,
    seconds: peaks.pixels_per_second > 0 ? peaks.length / peaks.pixels_per_second : 0,
  };
}

/** The loudest value of all channels, so that both parties are drawn to one scale; never below `floor`. */
export function loudest(wave: Wave, floor = 0.05): number {
  let max = floor;
  for (const channel of wave.channels)
    for (const value of channel) {
      const magnitude = Math.abs(value);
      if (magnitude > max) max = magnitude;
    }
  return max;
}

/** Loudness of one pixel of one channel, 0 … 1. */
export function levelAt(channel: Float32Array, pixel: number): number {
  return Math.max(Math.abs(channel[2 * pixel] ?? 0), Math.abs(channel[2 * pixel + 1] ?? 0));
}

/** A line without sound, to seek on where the waveform cannot be had. */
export function flatWave(channels: number, seconds: number): Wave {
  const flat = new Float32Array(4);
  return {
    channels: Array.from({ length: channels }, () => flat),
    pixelsPerSecond: 2 / Math.max(seconds, 1),
    seconds,
  };
}
