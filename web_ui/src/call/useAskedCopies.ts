import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useIsActive } from "../app/useIsActive";
import { callKey } from "./useCall";

const EVERY = 3000;
const MINUTES = 10;

/**
 * The copies of a call that were asked for on this page and are not among the `good` ones yet. The call is read
 * again every few seconds until they are, so that who asked sees them come.
 */
export function useAskedCopies(id: string, good: ReadonlySet<string>) {
  const client = useQueryClient();
  const active = useIsActive(MINUTES);
  const [asked, setAsked] = useState<readonly string[]>([]);
  const waiting = asked.filter((target) => !good.has(target));
  const watches = waiting.length > 0 && active;
  useEffect(() => {
    if (!watches) return undefined;
    const timer = setInterval(() => void client.invalidateQueries({ queryKey: callKey(id) }), EVERY);
    return () => clearInterval(timer);
  }, [client, id, watches]);
  return {
    waiting,
    ask: (target: string) => setAsked((before) => [...before.filter((name) => name !== target), target]),
  };
}
