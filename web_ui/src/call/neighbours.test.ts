import { describe, expect, it } from "vitest";
import { neighbours } from "./neighbours";

const page = { items: [{ id: "a" }, { id: "b" }, { id: "c" }], next_cursor: "c2" };

describe("neighbours", () => {
  it("are beside it on the page", () =>
    expect(neighbours("b", page, "", [])).toEqual({
      previous: { kind: "here", id: "a" },
      next: { kind: "here", id: "c" },
    }));

  it("are on the next page at its end", () =>
    expect(neighbours("c", page, "c1", [""]).next).toEqual({
      kind: "page",
      cursor: "c2",
      trail: ["", "c1"],
      edge: "first",
    }));

  it("are on the page before at its start", () =>
    expect(neighbours("a", page, "c1", [""]).previous).toEqual({
      kind: "page",
      cursor: "",
      trail: [],
      edge: "last",
    }));

  it("end with the list, and where the way back is not known", () => {
    expect(neighbours("c", { ...page, next_cursor: null }, "", []).next).toBeUndefined();
    expect(neighbours("a", page, "", []).previous).toBeUndefined();
    expect(neighbours("a", page, "c1", []).previous).toBeUndefined();
  });

  it("are none of a call that is not on the page", () =>
    expect(neighbours("z", page, "", [])).toEqual({ previous: undefined, next: undefined }));
});
