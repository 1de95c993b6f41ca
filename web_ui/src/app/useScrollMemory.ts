import { type RefObject, useEffect, useLayoutEffect } from "react";
import { useLocation, useNavigationType } from "react-router";

const places = new Map<string, number>();

/** Brings who goes back to where the page was left: each entry of the history remembers how far it was scrolled. */
export function useScrollMemory(area: RefObject<HTMLElement | null>): void {
  const { key } = useLocation();
  const isBack = useNavigationType() === "POP";
  useEffect(() => {
    const element = area.current;
    if (!element) return;
    const keep = () => places.set(key, element.scrollTop);
    element.addEventListener("scroll", keep, { passive: true });
    return () => element.removeEventListener("scroll", keep);
  }, [area, key]);
  useLayoutEffect(() => {
    const place = places.get(key);
    if (isBack && place !== undefined) area.current?.scrollTo({ top: place });
  }, [area, key, isBack]);
}
