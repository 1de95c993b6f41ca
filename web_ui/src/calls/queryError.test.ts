import { describe, expect, it } from "vitest";
import { ApiError } from "../api/error";
import { queryFault } from "./queryError";

const error = (parameters: Record<string, unknown>) =>
  new ApiError(422, "query-syntax", "unknown field", { source: "q", ...parameters });
const written = (q: string, number = "") => ({ q, number });

describe("queryFault", () => {
  it("marks the wrong part and puts the suggestion there", () =>
    expect(
      queryFault(
        error({
          position: 0,
          length: 4,
          suggestion: "agent",
          reason: "unknown_field",
          values: { name: "agnt" },
        }),
        written("agnt:8001 x"),
      ),
    ).toEqual({
      field: "q",
      before: "",
      wrong: "agnt",
      after: ":8001 x",
      reason: "unknownField",
      values: { name: "agnt" },
      detail: "unknown field",
      corrected: "agent:8001 x",
    }));

  it("counts characters and not UTF-16 units", () =>
    expect(queryFault(error({ position: 2, length: 1 }), written("𠮷𠮷)x"))).toMatchObject({
      before: "𠮷𠮷",
      wrong: ")",
      after: "x",
    }));

  it("stays within the query", () =>
    expect(queryFault(error({ position: 99, length: 5, suggestion: null }), written("abc"))).toMatchObject({
      before: "abc",
      wrong: "",
      corrected: undefined,
    }));

  it("tells the number field from the query", () =>
    expect(queryFault(error({ source: "number", position: 0, length: 2 }), written("x", "ab"))).toMatchObject(
      { field: "number", wrong: "ab" },
    ));

  it("leaves other errors alone", () => {
    expect(queryFault(new ApiError(503, "catalogue-unavailable", ""), written("x"))).toBeUndefined();
    expect(queryFault(new Error("x"), written("x"))).toBeUndefined();
  });
});
