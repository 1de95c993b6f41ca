import type { Side } from "../api/client";

/** How loud each party is, 0 … 1.5, and who hears whom. */
export interface Mix {
  readonly volume: Readonly<Record<Side, number>>;
  readonly muted: Readonly<Record<Side, boolean>>;
  /** Both parties in both ears, rather than party A left and party B right. */
  readonly bothEars: boolean;
}

export const EVEN_MIX: Mix = { volume: { A: 1, B: 1 }, muted: { A: false, B: false }, bothEars: false };
export const LOUDEST = 1.5;

/** The parties by channel. */
const SIDES = ["A", "B"] as const satisfies readonly Side[];

/** Gains from each party to each ear, [left, right]. */
export function gains(mix: Mix): Readonly<Record<Side, readonly [number, number]>> {
  const gain = (side: Side) => (mix.muted[side] ? 0 : mix.volume[side]);
  const [a, b] = [gain("A"), gain("B")];
  return mix.bothEars ? { A: [a, a], B: [b, b] } : { A: [a, 0], B: [0, b] };
}

/**
 * Puts the two parties of a stereo media element through gains of their own.
 *
 * Made at the first playback, as browsers start no audio before a click. Takes over the element's sound for
 * good: an element can be put through Web Audio once.
 */
export class Mixer {
  readonly #context = new AudioContext();
  readonly #nodes: Record<Side, [GainNode, GainNode]>;

  constructor(media: HTMLMediaElement, mix: Mix) {
    const split = this.#context.createChannelSplitter(2);
    const merge = this.#context.createChannelMerger(2);
    this.#context.createMediaElementSource(media).connect(split);
    const connect = (channel: 0 | 1): [GainNode, GainNode] => {
      const toEar = (ear: 0 | 1) => {
        const node = this.#context.createGain();
        node.gain.value = gains(mix)[SIDES[channel]][ear];
        split.connect(node, channel);
        node.connect(merge, 0, ear);
        return node;
      };
      return [toEar(0), toEar(1)];
    };
    this.#nodes = { A: connect(0), B: connect(1) };
    merge.connect(this.#context.destination);
  }

  /** Without a click: a step in gain is heard as one, so it glides for 20 ms. */
  set(mix: Mix): void {
    const wanted = gains(mix);
    for (const side of SIDES)
      for (const ear of [0, 1] as const)
        this.#nodes[side][ear].gain.setTargetAtTime(wanted[side][ear], this.#context.currentTime, 0.02);
  }

  async resume(): Promise<void> {
    if (this.#context.state === "suspended") await this.#context.resume();
  }

  close(): void {
    void this.#context.close();
  }
}
