import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useLocation, useNavigate } from "react-router";
import { readFilters } from "../calls/filters";
import { useOpenedCall } from "../calls/opened";
import { DEFAULT_ROWS, isRows } from "../calls/rows";
import { readTrail } from "../calls/trail";
import { callListOptions } from "../calls/useCallList";
import { recall } from "../settings/remembered";
import { type Neighbour, neighbours } from "./neighbours";

export interface Ways {
  readonly goPrevious: (() => void) | undefined;
  readonly goNext: (() => void) | undefined;
  readonly goList: () => void;
}

/** The ways from a call to the calls beside it in the list that it was opened from, and back to that list. */
export function useNeighbours(id: string): Ways {
  const { search, state } = useLocation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const opened = useOpenedCall();
  const rows = recall("rows", isRows, DEFAULT_ROWS);
  const params = new URLSearchParams(search);
  const cursor = params.get("cursor") ?? "";
  const filters = readFilters(params);
  // The list as the user left it: read again, the neighbours would shift with every new call.
  const { data } = useQuery({
    ...callListOptions(filters, cursor, rows),
    staleTime: Number.POSITIVE_INFINITY,
  });

  const open = (call: string, address: URLSearchParams, historyState: unknown) => {
    opened.current = call;
    // Replaced, so that Back leads to the list and not through every call heard.
    void navigate(
      { pathname: `/calls/${call}`, search: address.toString() },
      { state: historyState, replace: true },
    );
  };

  const go = async (neighbour: Neighbour) => {
    if (neighbour.kind === "here") return open(neighbour.id, params, state);
    const page = await client.fetchQuery(callListOptions(filters, neighbour.cursor, rows));
    const call = page.items.at(neighbour.edge === "first" ? 0 : -1);
    if (!call) return;
    const address = new URLSearchParams(params);
    if (neighbour.cursor) address.set("cursor", neighbour.cursor);
    else address.delete("cursor");
    open(call.id, address, { trail: neighbour.trail });
  };

  // Keys come faster than pages are rendered: the way leads on from the call that was opened last.
  const find = (from: string) => data && neighbours(from, data, cursor, readTrail(state));
  const way = (side: "previous" | "next") =>
    find(id)?.[side] &&
    (() => {
      const neighbour = find(opened.current)?.[side];
      if (neighbour) void go(neighbour);
    });
  return {
    goPrevious: way("previous"),
    goNext: way("next"),
    goList: () => void navigate({ pathname: "/calls", search }, { state, replace: true }),
  };
}
