/** Where the calls are that bear the tag: the list, filtered by it. */
export function callsWith(tag: string): string {
  return `/calls?${new URLSearchParams({ tag })}`;
}

/** The tags to offer for what was typed: those in use that the call does not bear yet. */
export function offered(inUse: readonly string[], borne: readonly string[], typed: string): string[] {
  const wanted = typed.trim().toLowerCase();
  return inUse.filter((tag) => !borne.includes(tag) && tag.toLowerCase().includes(wanted));
}
