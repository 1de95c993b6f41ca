/** The state of a history entry that was opened from another page than the list of calls. */
export const FROM_ELSEWHERE = { back: true } as const;

/** Whether back leads to another page than the list, whatever stands in the state. */
export function isFromElsewhere(state: unknown): boolean {
  return typeof state === "object" && state !== null && "back" in state && state.back === true;
}
