import type { ReactNode } from "react";

interface Props {
  title: string;
  lead: string;
  actions?: ReactNode;
  children: ReactNode;
}

/** One part of a page that has several. */
export function Section({ title, lead, actions, children }: Props) {
  return (
    <section className="card" aria-label={title}>
      <header className="section-head">
        <div>
          <h2>{title}</h2>
          <p className="muted">{lead}</p>
        </div>
        <div className="section-actions">{actions}</div>
      </header>
      {children}
    </section>
  );
}
