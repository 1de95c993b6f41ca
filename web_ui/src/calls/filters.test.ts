import { describe, expect, it } from "vitest";
import { type Filters, isUnfiltered, listQuery, NO_FILTERS, readFilters, writeFilters } from "./filters";

const now = new Date(2026, 10, 21, 15, 30);
const full: Filters = {
  q: 'duration:>5m "refund policy"',
  agent: "8001",
  tag: "投诉 2",
  number: "*1234",
  period: "",
  after: "2026-11-01T00:00:00.000Z",
  before: "2026-11-02T00:00:00.000Z",
  minDuration: 0,
  maxDuration: 90,
  direction: "inbound",
  state: "media-only",
};

describe("the URL", () => {
  it("gives back what was written", () =>
    expect(readFilters(new URLSearchParams(writeFilters(full).toString()))).toEqual(full));

  it("is empty where nothing is filtered", () => {
    expect(writeFilters(NO_FILTERS).toString()).toBe("");
    expect(isUnfiltered(NO_FILTERS)).toBe(true);
    expect(isUnfiltered({ ...NO_FILTERS, q: "  " })).toBe(true);
    expect(isUnfiltered(full)).toBe(false);
  });

  it("leaves out what makes no sense", () =>
    expect(
      readFilters(
        new URLSearchParams("period=decade&after=soon&min=-1&max=abc&direction=up&state=odd&other=1"),
      ),
    ).toEqual(NO_FILTERS));

  it("lets a period win over a range", () =>
    expect(readFilters(new URLSearchParams("period=today&after=2026-11-01T00:00:00Z"))).toEqual({
      ...NO_FILTERS,
      period: "today",
    }));

  it("reads a time with an offset", () =>
    expect(readFilters(new URLSearchParams({ after: "2026-11-01T08:00:00+08:00" })).after).toBe(
      "2026-11-01T00:00:00.000Z",
    ));
});

describe("listQuery", () => {
  it("sends only what is set", () => expect(listQuery(NO_FILTERS, now, "Asia/Shanghai")).toEqual({}));

  it("sends everything that is set", () =>
    expect(listQuery(full, now, "Asia/Shanghai")).toEqual({
      q: full.q,
      zone: "Asia/Shanghai",
      agent: "8001",
      tag: "投诉 2",
      number: "*1234",
      after: full.after,
      before: full.before,
      min_duration: 0,
      max_duration: 90,
      direction: "inbound",
      state: "media-only",
    }));

  it("works out a period at the time given", () =>
    expect(listQuery({ ...NO_FILTERS, period: "yesterday" }, now, "Asia/Shanghai")).toEqual({
      after: new Date(2026, 10, 20).toISOString(),
      before: new Date(2026, 10, 21).toISOString(),
    }));
});
