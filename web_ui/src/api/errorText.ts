import type { TFunction } from "i18next";
import { timeOfDay } from "../format/time";
import { roleText } from "../i18n/roleText";
import { ApiError, UNREACHABLE, UNREADABLE } from "./error";

export interface ErrorText {
  readonly title: string;
  readonly hint: string;
}

/** What an error means to a person, and what to do about it. `now` is for errors that end by themselves. */
export function errorText(error: unknown, t: TFunction, now: Date): ErrorText {
  if (!(error instanceof ApiError))
    return { title: t("error.other", { code: "page" }), hint: t("error.otherHint") };
  switch (error.code) {
    case UNREACHABLE:
      return { title: t("error.unreachable"), hint: t("error.unreachableHint") };
    case UNREADABLE:
      return { title: t("error.unreadable"), hint: t("error.unreadableHint") };
    case "wrong-credentials":
      return { title: t("error.wrongCredentials"), hint: "" };
    case "locked-out":
      return { title: t("error.lockedOut", { time: lockedUntil(error, now) }), hint: "" };
    case "not-permitted":
      return { title: t("error.notPermitted"), hint: whoMay(error, t) };
    case "no-such-call":
      return { title: t("error.noSuchCall"), hint: t("error.noSuchCallHint") };
    case "no-recording":
      return { title: t("error.noRecording"), hint: "" };
    case "archive-unavailable":
      return { title: t("error.archive"), hint: t("error.archiveHint") };
    case "number-hidden":
      return { title: t("error.numberHidden"), hint: t("error.numberHiddenHint") };
    case "tag-refused":
      return { title: t("error.tag"), hint: t("error.tagHint") };
    case "tag-held":
      return { title: t("error.tagHeld", { tag: String(error.parameters.tag) }), hint: whoKeeps(error, t) };
    case "second-person":
      return { title: t("error.secondPerson"), hint: t("error.secondPersonHint") };
    case "not-now":
      return { title: t("error.notNow"), hint: error.detail || t("error.notNowHint") };
    case "under-hold":
      return {
        title: t("error.underHold", { holds: words(error.parameters.holds) }),
        hint: t("error.underHoldHint", { calls: words(error.parameters.calls) }),
      };
    case "not-found":
      return { title: t("error.notFound"), hint: error.detail || t("error.notFoundHint") };
    case "no-such-target":
      return { title: t("error.noSuchTarget"), hint: "" };
    case "takes-no-copies":
      return { title: t("error.takesNoCopies"), hint: "" };
    case "rule-refused":
      return { title: t("error.refused"), hint: error.detail };
    case "cursor":
      return { title: t("error.cursor"), hint: t("error.cursorHint") };
    case "validation":
      return { title: t("error.validation"), hint: error.detail };
    case "csrf":
      return { title: t("error.csrf"), hint: "" };
    default:
      if (error.status === 503) return { title: t("error.unwell"), hint: t("error.unwellHint") };
      return { title: t("error.other", { code: error.code }), hint: error.detail || t("error.otherHint") };
  }
}

function words(value: unknown): string {
  return Array.isArray(value) ? value.join(", ") : "";
}

/** How a tag that a hold keeps comes off; the server names holds to those only who may know them. */
function whoKeeps(error: ApiError, t: TFunction): string {
  const holds = words(error.parameters.holds);
  return holds ? t("error.tagHeldBy", { holds }) : t("error.tagHeldHint");
}

/** Which roles may, where the server says so. */
function whoMay(error: ApiError, t: TFunction): string {
  const { roles } = error.parameters;
  if (!Array.isArray(roles) || roles.length === 0) return "";
  return t("error.notPermittedHint", { roles: roles.map((role) => roleText(role, t)).join(", ") });
}

function lockedUntil(error: ApiError, now: Date): string {
  const seconds = error.parameters.retry_after;
  const wait = typeof seconds === "number" && seconds > 0 ? seconds : 60;
  return timeOfDay(new Date(now.getTime() + wait * 1000).toISOString());
}
