import { describe, expect, it } from "vitest";
import { backward, forward, NO_TRAIL, readTrail } from "./trail";

describe("the trail", () => {
  it("leads back the way it came", () => {
    const second = forward("", NO_TRAIL, "c2");
    const third = forward(second.cursor, second.trail, "c3");
    expect(third).toEqual({ cursor: "c3", trail: ["", "c2"] });
    expect(backward(third.cursor, third.trail)).toEqual(second);
    expect(backward(second.cursor, second.trail)).toEqual({ cursor: "", trail: [] });
  });

  it("ends at the first page", () => expect(backward("", NO_TRAIL)).toBeUndefined());

  it("goes from a shared link to the newest page", () =>
    expect(backward("c9", NO_TRAIL)).toEqual({ cursor: "", trail: [] }));

  it.each([null, "x", {}, { trail: 3 }, { trail: [1] }])("reads nothing from %j", (state) =>
    expect(readTrail(state)).toEqual(NO_TRAIL),
  );
});
