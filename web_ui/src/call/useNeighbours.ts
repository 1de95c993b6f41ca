import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type RefObject, useEffect, useRef } from "react";
import { useLocation, useNavigate, useNavigationType } from "react-router";
import { readFilters } from "../calls/filters";
import { useOpenedCall } from "../calls/opened";
import { DEFAULT_ROWS, isRows } from "../calls/rows";
import { readTrail } from "../calls/trail";
import { callListOptions } from "../calls/useCallList";
import { recall } from "../settings/remembered";
import { type NeighbourPage, neighbours } from "./neighbours";

export interface Ways {
  readonly goPrevious: (() => void) | undefined;
  readonly goNext: (() => void) | undefined;
  readonly goList: () => void;
}

/** Where a walk through the list has come to: a call, and the page of the list that it is on. */
interface Place {
  readonly id: string;
  readonly params: URLSearchParams;
  readonly state: unknown;
}

type Side = "previous" | "next";

/** The ways from a call to the calls beside it in the list that it was opened from, and back to that list. */
export function useNeighbours(id: string): Ways {
  const { search, state } = useLocation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const rows = recall("rows", isRows, DEFAULT_ROWS);
  const params = new URLSearchParams(search);
  const opened = useOpenedCall();
  const place = usePlace({ id, params, state });
  const walk = useRef(Promise.resolve());
  // The list as the user left it: read again, the neighbours would shift with every new call.
  const pageOf = (of: URLSearchParams, cursor = of.get("cursor") ?? "") => ({
    ...callListOptions(readFilters(of), cursor, rows),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const { data } = useQuery(pageOf(params));

  const step = async (side: Side) => {
    const from = place.current;
    const page = await client.fetchQuery(pageOf(from.params));
    const neighbour = find(from, page)[side];
    if (!neighbour) return;
    const to = neighbour.kind === "here" ? { ...from, id: neighbour.id } : await turn(from, neighbour);
    if (!to) return;
    place.current = to;
    opened.current = to.id;
    // Replaced, so that Back leads to the list and not through every call heard.
    void navigate(
      { pathname: `/calls/${to.id}`, search: to.params.toString() },
      { state: to.state, replace: true },
    );
  };

  const turn = async (from: Place, to: NeighbourPage): Promise<Place | undefined> => {
    const page = await client.fetchQuery(pageOf(from.params, to.cursor));
    const call = page.items.at(to.edge === "first" ? 0 : -1);
    if (!call) return undefined;
    const address = new URLSearchParams(from.params);
    if (to.cursor) address.set("cursor", to.cursor);
    else address.delete("cursor");
    return { id: call.id, params: address, state: { trail: to.trail } };
  };

  // Keys come faster than pages are read and rendered: each step begins where the one before it ended.
  const way = (side: Side) =>
    data &&
    find({ id, params, state }, data)[side] &&
    (() => {
      walk.current = walk.current.then(() => step(side)).catch(() => undefined);
    });
  return {
    goPrevious: way("previous"),
    goNext: way("next"),
    goList: () => void navigate({ pathname: "/calls", search }, { state, replace: true }),
  };
}

/** The place where a walk goes on: the page shown, until a step leads on from there. */
function usePlace(shown: Place): RefObject<Place> {
  const opened = useOpenedCall();
  const place = useRef(shown);
  const walked = useNavigationType() === "REPLACE";
  // A page that a step led to is rendered late: the walk may be past it by then.
  useEffect(() => {
    if (!walked) place.current = shown;
  });
  useEffect(() => {
    opened.current = place.current.id;
  }, [opened]);
  return place;
}

function find({ id, params, state }: Place, page: Parameters<typeof neighbours>[1]) {
  return neighbours(id, page, params.get("cursor") ?? "", readTrail(state));
}
