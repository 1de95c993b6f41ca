import type { CallDetail, Side } from "../api/client";

type Who = Pick<CallDetail, "agent" | "from" | "to"> & {
  readonly parties: readonly { readonly side: Side; readonly name: string; readonly number: string }[];
};

export interface Person {
  /** What was dialled, or who dialled: what the call is known by. */
  readonly number: string;
  /** Who it was, with the own number where that is another one: a hotline rings at an agent. */
  readonly name: string;
}

/** The name of a party: its own, or the agent's where signalling gave none and the extension is the agent's. */
export function partyName(
  party: { readonly name: string; readonly number: string },
  agent: Who["agent"],
): string {
  if (party.name) return party.name;
  return agent && agent.extension === party.number ? agent.name : "";
}

/** One side of a call as its heading shows it. */
export function personOf(call: Who, side: Side): Person {
  const number = side === "A" ? call.from : call.to;
  const party = call.parties.find((one) => one.side === side);
  if (!party) return { number, name: "" };
  const own = party.number === number ? "" : party.number;
  const name = partyName(party, call.agent);
  return { number, name: [own, name === number ? "" : name].filter(Boolean).join(" ") };
}
