import { useSearchParams } from "react-router";

const NAME = "run";

/** The runs whose reports are open. The address holds them, so that Back and a link lead to them again. */
export function useOpenRuns() {
  const [params, setParams] = useSearchParams();
  const open = params.getAll(NAME);
  return {
    open,
    toggle: (id: string) =>
      setParams(
        (before) => {
          const after = new URLSearchParams(before);
          const had = after.getAll(NAME);
          after.delete(NAME);
          for (const each of had.includes(id) ? had.filter((other) => other !== id) : [...had, id])
            after.append(NAME, each);
          return after;
        },
        { replace: true, preventScrollReset: true },
      ),
  };
}
