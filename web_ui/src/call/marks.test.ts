import { describe, expect, it } from "vitest";
import { marksOf, marksOnWave, seekTime } from "./marks";

const start = "2026-11-21T10:00:00.000Z";
const recording = {
  format: "opus",
  start: "2026-11-21T10:00:04.000Z",
  channels: 2,
  rate: 8000,
  seconds: 20,
  bytes: 1,
  sha256: "",
};
const events = [
  { kind: "dtmf", at: "2026-11-21T10:00:09.500Z", side: "A" as const, detail: { digit: "5" } },
  { kind: "ringing", at: "2026-11-21T10:00:01.000Z", detail: {} },
  { kind: "end", at: "2026-11-21T10:00:24.000Z", side: null, detail: { cause: 16, nested: { x: 1 } } },
];

describe("marksOf", () => {
  const marks = marksOf({ start, recording, events });

  it("is in time order and counts from the recording", () =>
    expect(marks.map(({ kind, time }) => [kind, time])).toEqual([
      ["ringing", -3],
      ["dtmf", 5.5],
      ["end", 20],
    ]));

  it("notes what was pressed and why it ended", () =>
    expect(marks.map(({ note }) => note)).toEqual(["", "5", "16"]));

  it("counts from the call without a recording", () =>
    expect(marksOf({ start, recording: null, events })[0]?.time).toBe(1));

  it("tells a request that was terminated from a rejection, and the kinds of transfer", () => {
    const at = start;
    const told = [
      { kind: "rejected", at, detail: { status: 487, reason: "Request Terminated" } },
      { kind: "rejected", at, detail: { status: 486, reason: "Busy Here" } },
      { kind: "rejected", at, detail: { status: 603, reason: "Decline", q850: 21, text: "Call rejected" } },
      { kind: "rejected", at, detail: { status: 603, reason: "Decline", q850: 21, text: "Decline" } },
      { kind: "transfer", at, detail: { to: "8002", attended: true } },
      { kind: "transfer", at, detail: { to: "8003", attended: false } },
    ];
    const shown = marksOf({ start, recording: null, events: told });
    expect(shown.map(({ kind, note }) => `${kind} ${note}`)).toEqual([
      "terminated 487",
      "rejected 486 Busy Here",
      "rejected 603 Decline Q.850 21 Call rejected",
      "rejected 603 Decline Q.850 21",
      "transfer-attended → 8002",
      "transfer → 8003",
    ]);
  });

  it("puts on the waveform what falls on it", () =>
    expect(marksOnWave(marks, 20).map(({ kind }) => kind)).toEqual(["dtmf", "end"]));

  it("seeks within the recording", () =>
    expect(marks.map((mark) => seekTime(mark, 19.9))).toEqual([0, 5.5, 19.9]));
});
