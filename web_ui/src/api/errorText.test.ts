import i18next, { type TFunction } from "i18next";
import { beforeAll, describe, expect, it } from "vitest";
import { en } from "../i18n/en";
import { ApiError } from "./error";
import { errorText } from "./errorText";

let t: TFunction;
const now = new Date(2026, 10, 21, 10, 0, 0);

beforeAll(async () => {
  t = await i18next
    .createInstance()
    .init({ lng: "en", showSupportNotice: false, resources: { en: { translation: en } } });
});

describe("errorText", () => {
  it("says until when a user is locked out, in local time", () =>
    expect(errorText(new ApiError(429, "locked-out", "", { retry_after: 90 }), t, now).title).toBe(
      "Too many attempts. Locked until 10:01:30.",
    ));

  it("tells no connection from a wrong password", () => {
    const texts = [ApiError.unreachable(new TypeError("fetch")), new ApiError(401, "wrong-credentials", "")];
    expect(texts.map((error) => errorText(error, t, now).title)).toEqual([
      "The server cannot be reached",
      "User name or password is wrong",
    ]);
  });

  it("says which roles may what this one may not", () =>
    expect(
      errorText(new ApiError(403, "not-permitted", "", { roles: ["compliance", "new"] }), t, now).hint,
    ).toBe("Those who may: Compliance, new."));

  it("names the hold that keeps a tag to those who may know it, and to the others whom to ask", () => {
    const kept = (holds: string[]) =>
      errorText(new ApiError(409, "tag-held", "", { tag: "complaint", holds }), t, now);
    expect(kept(["Case 9"]).title).toBe("The tag complaint stays: by it this call is under legal hold");
    expect(kept(["Case 9"]).hint).toContain("The hold is Case 9.");
    expect(kept([]).hint).toContain("ask them");
  });

  it("says in the server's words why something cannot be done now", () => {
    const why = "There is a backup at work already. Wait for it, or stop it first.";
    expect(errorText(new ApiError(409, "not-now", why), t, now)).toEqual({
      title: "That cannot be done now",
      hint: why,
    });
    expect(errorText(new ApiError(409, "not-now", ""), t, now).hint).toContain("changed meanwhile");
  });

  it("names the code of what it does not know", () =>
    expect(errorText(new ApiError(409, "odd", "details"), t, now)).toEqual({
      title: "Something went wrong (odd)",
      hint: "details",
    }));
});

describe("ApiError.fromBody", () => {
  it("reads a problem", () =>
    expect(ApiError.fromBody(422, { code: "cursor", title: "", status: 422 })).toMatchObject({
      code: "cursor",
    }));

  it("takes a gateway's page for a server out of reach", () => {
    expect(ApiError.fromBody(502, "<html>").code).toBe("unreachable");
    expect(ApiError.fromBody(500, "<html>").code).toBe("unreadable");
  });
});
