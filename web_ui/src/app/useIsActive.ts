import { useEffect, useState } from "react";

const SIGNS_OF_LIFE = ["pointerdown", "pointermove", "keydown", "wheel"] as const;

/** Whether somebody has touched the page within `minutes`. What repeats by itself stops when nobody is there. */
export function useIsActive(minutes: number): boolean {
  const [active, setActive] = useState(true);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const live = () => {
      setActive(true);
      clearTimeout(timer);
      timer = setTimeout(() => setActive(false), minutes * 60_000);
    };
    live();
    for (const sign of SIGNS_OF_LIFE) addEventListener(sign, live, { passive: true });
    return () => {
      clearTimeout(timer);
      for (const sign of SIGNS_OF_LIFE) removeEventListener(sign, live);
    };
  }, [minutes]);
  return active;
}
