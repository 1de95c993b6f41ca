import WaveSurfer from "wavesurfer.js";
import RegionsPlugin, { type Region } from "wavesurfer.js/dist/plugins/regions.esm.js";
import TimelinePlugin from "wavesurfer.js/dist/plugins/timeline.esm.js";
import type { CallDetail } from "../api/client";
import { PALETTE } from "../app/palette";
import { clock } from "../format/time";
import { waveColumns } from "./columns";
import { type Loop, loopSpan } from "./loop";
import { type Mark, seekTime } from "./marks";
import { loudest, type Wave } from "./peaks";
import type { Playback } from "./playback";

/** Height of the line of one party, pixels; `call.css` gives the same to the names beside it. */
const LINE = 84;

const COLOURS = [
  { waveColor: PALETTE.partyA, progressColor: PALETTE.partyAPlayed },
  { waveColor: PALETTE.partyB, progressColor: PALETTE.partyBPlayed },
];

type Gap = CallDetail["gaps"][number];

export interface WaveEvents {
  onReady: () => void;
  onWidth: (width: number) => void;
}

/** Owns the drawing of one recording; `dispose` leaves nothing behind. The playback owns the sound. */
export class WaveView {
  readonly #surfer: WaveSurfer;
  readonly #regions = RegionsPlugin.create();
  readonly #playback: Playback;
  #marks: Region[] = [];
  #gaps: Region[] = [];
  #loop: Region[] = [];
  #ready = false;

  constructor(container: HTMLElement, playback: Playback, wave: Wave, events: WaveEvents) {
    this.#playback = playback;
    const scale = loudest(wave);
    this.#surfer = WaveSurfer.create({
      container,
      media: playback.media,
      peaks: [...wave.channels],
      duration: playback.seconds,
      height: LINE,
      renderFunction: ([values], context) => draw(values ?? [], context, scale),
      cursorColor: PALETTE.ink,
      cursorWidth: 2,
      dragToSeek: true,
      autoCenter: false,
      splitChannels: wave.channels.map((_, channel) => ({ ...COLOURS[channel] })),
      plugins: [
        this.#regions,
        TimelinePlugin.create({ height: 18, secondaryLabelOpacity: 0.7, formatTimeCallback: clock }),
      ],
    });
    this.#surfer.on("ready", () => {
      this.#ready = true;
      events.onWidth(this.#surfer.getWidth());
      events.onReady();
    });
    this.#surfer.on("resize", () => events.onWidth(this.#surfer.getWidth()));
    this.#regions.on("region-updated", (region) => {
      if (this.#loop.includes(region)) playback.setLoop({ a: region.start, b: region.end });
    });
  }

  zoom(pixelsPerSecond: number): void {
    if (this.#ready) this.#surfer.zoom(pixelsPerSecond);
  }

  showLoop(loop: Loop): void {
    const span = loopSpan(loop);
    const shown = this.#loop[0];
    if (span && shown?.start === span.start && shown.end === span.end) return;
    this.#clear(this.#loop);
    if (span) {
      const region = this.#regions.addRegion({
        ...span,
        drag: true,
        resize: true,
        color: "rgba(23, 96, 127, 0.16)",
      });
      this.#loop = [region];
    } else if (loop.a !== null) {
      this.#loop = [
        this.#regions.addRegion({ start: loop.a, drag: false, resize: false, color: PALETTE.brand }),
      ];
    }
  }

  showGaps(gaps: readonly (Gap & { readonly end: number })[], title: (gap: Gap) => string): void {
    this.#clear(this.#gaps);
    this.#gaps = gaps.map((gap) => {
      const region = this.#regions.addRegion({
        start: gap.start,
        end: gap.end,
        channelIdx: gap.side === "A" ? 0 : 1,
        drag: false,
        resize: false,
        color: PALETTE.gap,
      });
      describe(region, title(gap));
      return region;
    });
  }

  showMarks(marks: readonly Mark[], title: (mark: Mark) => string): void {
    this.#clear(this.#marks);
    this.#marks = marks.map((mark) => {
      const time = seekTime(mark, this.#playback.seconds);
      const region = this.#regions.addRegion({
        start: time,
        drag: false,
        resize: false,
        color: "rgba(27, 39, 51, 0.35)",
        content: sign(mark),
      });
      describe(region, title(mark));
      region.on("click", (event) => {
        event.stopPropagation();
        this.#playback.seek(time);
      });
      return region;
    });
  }

  dispose(): void {
    this.#surfer.destroy();
  }

  #clear(regions: Region[]): void {
    for (const region of regions) region.remove();
    regions.length = 0;
  }
}

function draw(values: ArrayLike<number>, context: CanvasRenderingContext2D, scale: number): void {
  const { width, height } = context.canvas;
  for (const column of waveColumns(values, width, height, scale))
    context.fillRect(column.x, column.top, 1, column.height);
}

const SIGNS: Readonly<Record<string, string>> = {
  answered: "✓",
  hold: "❚❚",
  transfer: "⇄",
  "transfer-attended": "⇄",
  joined: "+",
  left: "−",
  conference: "⋈",
  resume: "▸",
  end: "■",
  ringing: "◦",
};

function sign(mark: Mark): HTMLElement {
  const element = document.createElement("span");
  element.textContent = mark.kind === "dtmf" ? mark.note || "#" : (SIGNS[mark.kind] ?? "•");
  return element;
}

function describe(region: Region, title: string): void {
  region.element?.setAttribute("title", title);
}
