import { type Loop, loopBack, NO_LOOP, pressLoop } from "./loop";
import { EVEN_MIX, type Mix, Mixer } from "./mixer";
import { nearestRate } from "./rate";
import { afterSilence, type Span } from "./silence";

/** What the player's controls show. The running time is not part of it: it changes far more often. */
export interface PlaybackState {
  readonly playing: boolean;
  readonly waiting: boolean;
  readonly failed: boolean;
  readonly rate: number;
  readonly mix: Mix;
  readonly loop: Loop;
  readonly skipSilence: boolean;
}

export const AT_REST: PlaybackState = {
  playing: false,
  waiting: false,
  failed: false,
  rate: 1,
  mix: EVEN_MIX,
  loop: NO_LOOP,
  skipSilence: false,
};

/** One call being heard: owns the media element, its mixer and its clock. `dispose` ends all of it. */
export class Playback {
  readonly media = new Audio();
  #state: PlaybackState;
  #mixer: Mixer | undefined;
  #silences: readonly Span[] = [];
  #frame = 0;
  readonly #changed = new Set<() => void>();
  readonly #ticked = new Set<(time: number) => void>();
  readonly #listening = new AbortController();

  constructor(
    url: string,
    readonly seconds: number,
    start: Partial<PlaybackState> = {},
  ) {
    this.#state = { ...AT_REST, ...start };
    this.media.preload = "metadata";
    this.media.preservesPitch = true;
    this.media.src = url;
    this.media.defaultPlaybackRate = this.#state.rate;
    this.media.playbackRate = this.#state.rate;
    this.#listen();
  }

  get state(): PlaybackState {
    return this.#state;
  }

  get time(): number {
    return this.media.currentTime;
  }

  onChange = (listener: () => void): (() => void) => {
    this.#changed.add(listener);
    return () => this.#changed.delete(listener);
  };

  /** Called at every frame while it plays, and at every seek. */
  onTick = (listener: (time: number) => void): (() => void) => {
    this.#ticked.add(listener);
    return () => this.#ticked.delete(listener);
  };

  toggle(): void {
    if (!this.media.paused) this.media.pause();
    else void this.#play();
  }

  seek(time: number): void {
    this.media.currentTime = Math.min(Math.max(0, time), this.seconds);
    this.#tick();
  }

  skip(seconds: number): void {
    this.seek(this.time + seconds);
  }

  setRate(rate: number): void {
    const fitting = nearestRate(rate);
    this.media.playbackRate = fitting;
    this.#set({ rate: fitting });
  }

  setMix(mix: Mix): void {
    this.#mixer?.set(mix);
    this.#set({ mix });
  }

  setSilences(spans: readonly Span[]): void {
    this.#silences = spans;
  }

  setSkipSilence(skipSilence: boolean): void {
    this.#set({ skipSilence });
  }

  pressLoop(): void {
    this.setLoop(pressLoop(this.#state.loop, this.time));
  }

  setLoop(loop: Loop): void {
    this.#set({ loop });
  }

  dispose(): void {
    this.#listening.abort();
    cancelAnimationFrame(this.#frame);
    this.media.pause();
    // Without a source the browser lets go of the connection that it streams from.
    this.media.removeAttribute("src");
    this.media.load();
    this.#mixer?.close();
    this.#changed.clear();
    this.#ticked.clear();
  }

  async #play(): Promise<void> {
    try {
      if (this.media.error) this.media.load();
      this.#mixer ??= new Mixer(this.media, this.#state.mix);
      await this.#mixer.resume();
      await this.media.play();
    } catch (reason) {
      // Pausing or leaving while it starts is no failure.
      if (!(reason instanceof DOMException && reason.name === "AbortError")) this.#set({ failed: true });
    }
  }

  #listen(): void {
    const on = (name: keyof HTMLMediaElementEventMap, listener: () => void) =>
      this.media.addEventListener(name, listener, { signal: this.#listening.signal });
    on("play", () => {
      this.#set({ playing: true, failed: false });
      this.#run();
    });
    on("pause", () => this.#set({ playing: false, waiting: false }));
    on("waiting", () => this.#set({ waiting: true }));
    on("playing", () => this.#set({ waiting: false, failed: false }));
    on("seeked", () => this.#tick());
    on("error", () => this.#set({ failed: true, playing: false, waiting: false }));
  }

  #run(): void {
    cancelAnimationFrame(this.#frame);
    const step = () => {
      this.#jump();
      this.#tick();
      if (!this.media.paused) this.#frame = requestAnimationFrame(step);
    };
    step();
  }

  #jump(): void {
    const { loop, skipSilence } = this.#state;
    const target =
      loopBack(loop, this.time) ?? (skipSilence ? afterSilence(this.#silences, this.time) : undefined);
    if (target !== undefined && !this.media.seeking) this.media.currentTime = target;
  }

  #tick(): void {
    for (const listener of this.#ticked) listener(this.media.currentTime);
  }

  #set(change: Partial<PlaybackState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#changed) listener();
  }
}
