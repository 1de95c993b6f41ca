/** Which steps a rule, a hold or an erasure can take next, and whether this user may take them. Pure. */
import type { Schemas } from "../api/client";

export type Rule = Schemas["RuleInfo"];
export type Hold = Schemas["HoldInfo"];
export type Erasure = Schemas["ErasureInfo"];

export type RuleStep = "approve" | "refuse" | "ask-retirement" | "retire" | "keep";
export type HoldStep = "ask-release" | "release" | "keep";
export type ErasureStep = "approve" | "refuse";

/** `needsOther`: it takes another person than this user, who asked for it. */
export interface Next<Step> {
  readonly step: Step;
  readonly needsOther: boolean;
}

export function ruleSteps(rule: Rule, user: string): Next<RuleStep>[] {
  switch (rule.state) {
    case "proposed":
      return [agreed("approve", rule.proposed_by, user), alone("refuse")];
    case "in-force":
      return [alone("ask-retirement")];
    case "retiring":
      return [agreed("retire", rule.retirement_asked_by, user), alone("keep")];
    default:
      return [];
  }
}

export function holdSteps(hold: Hold, user: string): Next<HoldStep>[] {
  switch (hold.state) {
    case "in-force":
      return [alone("ask-release")];
    case "release-asked":
      return [agreed("release", hold.release_asked_by, user), alone("keep")];
    default:
      return [];
  }
}

export function erasureSteps(erasure: Erasure, user: string): Next<ErasureStep>[] {
  return erasure.state === "asked" ? [agreed("approve", erasure.requested_by, user), alone("refuse")] : [];
}

/** Whether nothing can be done to it any more. */
export function isOver(one: Rule | Hold | Erasure): boolean {
  return ["retired", "refused", "released", "done"].includes(one.state);
}

/** Ids of calls out of whatever was pasted: addresses of call pages, lists, one a line. */
export function callIds(text: string): string[] {
  const words = text
    .split(/[\s,;，；、]+/)
    .map((word) => word.replace(/^.*\/calls\//, "").replace(/[?#].*$/, ""));
  return [...new Set(words.filter((word) => word !== ""))];
}

const alone = <Step>(step: Step): Next<Step> => ({ step, needsOther: false });
const agreed = <Step>(step: Step, first: string, user: string): Next<Step> => ({
  step,
  needsOther: first === user,
});
