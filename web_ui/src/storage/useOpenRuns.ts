import { useState } from "react";
import { useSearchParams } from "react-router";

const NAME = "run";

/** The runs whose reports are open. The address keeps them, so that Back and a link lead to them again. */
export function useOpenRuns() {
  const [params, setParams] = useSearchParams();
  // Addresses change a moment later; two reports that are opened at once are both to be.
  const [open, setOpen] = useState(() => params.getAll(NAME));
  const toggle = (id: string) => {
    const next = open.includes(id) ? open.filter((other) => other !== id) : [...open, id];
    setOpen(next);
    setParams(
      (before) => {
        const after = new URLSearchParams(before);
        after.delete(NAME);
        for (const each of next) after.append(NAME, each);
        return after;
      },
      { replace: true, preventScrollReset: true },
    );
  };
  return { open, toggle };
}
