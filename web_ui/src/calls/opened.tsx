import { createContext, type ReactNode, use, useRef } from "react";

interface Opened {
  current: string;
}

const Context = createContext<Opened>({ current: "" });

/** Remembers the call that was opened last, for the list to stand on when the user comes back. */
export function OpenedCall({ children }: { children: ReactNode }) {
  return <Context value={useRef("")}>{children}</Context>;
}

export function useOpenedCall(): Opened {
  return use(Context);
}
