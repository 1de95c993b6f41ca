import { useEffect } from "react";

/** Names the browser tab: several calls open side by side must be told apart. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title ? `${title} · Earwitness` : "Earwitness";
  }, [title]);
}
