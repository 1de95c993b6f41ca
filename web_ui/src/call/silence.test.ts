import { describe, expect, it } from "vitest";
import { waveOf } from "./peaks";
import { afterSilence, silences } from "./silence";

/** Ten pixels a second; `pattern` has one letter a second and channel: s speech, . silence. */
function wave(...patterns: string[]) {
  const data = patterns.map((pattern) =>
    [...pattern].flatMap((letter) => Array<number>(20).fill(letter === "s" ? 60 : 1)),
  );
  return waveOf({ channels: data.length, pixels_per_second: 10, length: (data[0]?.length ?? 0) / 2, data });
}

describe("silences", () => {
  it("are where nobody is heard", () => {
    expect(silences(wave("ss......", "....ss.."))).toEqual([
      { start: 2.3, end: 3.7 },
      { start: 6.3, end: 7.7 },
    ]);
  });

  it("leave short pauses", () => expect(silences(wave("s.s.s", "....."))).toEqual([]));

  it("are none without audio", () =>
    expect(silences(waveOf({ channels: 2, pixels_per_second: 20, length: 0, data: [[], []] }))).toEqual([]));
});

it("skips to the end, once", () => {
  const spans = [{ start: 2.3, end: 3.7 }];
  expect(afterSilence(spans, 2.3)).toBe(3.7);
  expect(afterSilence(spans, 3.7)).toBeUndefined();
  expect(afterSilence(spans, 2)).toBeUndefined();
});
