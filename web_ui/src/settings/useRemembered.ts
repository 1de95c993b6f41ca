import { useCallback, useState } from "react";
import { recall, remember } from "./remembered";

/** Like `useState`, but the value outlives the visit. */
export function useRemembered<T>(
  name: string,
  fits: (value: unknown) => value is T,
  fallback: T,
): [T, (value: T) => void] {
  const [value, setValue] = useState(() => recall(name, fits, fallback));
  const set = useCallback(
    (next: T) => {
      remember(name, next);
      setValue(next);
    },
    [name],
  );
  return [value, set];
}
