import type { ReactNode } from "react";
import { Link } from "react-router";
import { FROM_ELSEWHERE } from "./back";

interface Props {
  id: string;
  title?: string | undefined;
  children: ReactNode;
}

/** The way to a call from a page that is not the list: from there, back leads here. */
export function CallLink({ id, title, children }: Props) {
  return (
    <Link to={`/calls/${id}`} state={FROM_ELSEWHERE} title={title}>
      {children}
    </Link>
  );
}
