import { CallLink } from "../app/CallLink";

/** Calls by the beginnings of their ids, each the way to its page. */
export function CallLinks({ ids }: { ids: readonly string[] }) {
  return (
    <ul className="call-links">
      {ids.map((id) => (
        <li key={id}>
          <CallLink id={id} title={id}>
            {id.length > 12 ? `${id.slice(0, 4)}…${id.slice(-6)}` : id}
          </CallLink>
        </li>
      ))}
    </ul>
  );
}
