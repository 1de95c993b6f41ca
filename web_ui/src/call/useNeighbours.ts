import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type RefObject, useEffect, useRef } from "react";
import { useLocation, useNavigate, useNavigationType } from "react-router";
import { FROM_ELSEWHERE, isFromElsewhere } from "../app/back";
import { readFilters } from "../calls/filters";
import { useOpenedCall } from "../calls/opened";
import { DEFAULT_ROWS, isRows } from "../calls/rows";
import { readTrail } from "../calls/trail";
import { callListOptions } from "../calls/useCallList";
import { recall } from "../settings/remembered";
import { type NeighbourPage, neighbours } from "./neighbours";

export interface Ways {
  readonly goPrevious: () => void;
  readonly goNext: () => void;
  /** To the list, or to the page that the call was opened from. */
  readonly goBack: () => void;
  readonly isFromList: boolean;
  /** Whether the call shown has one beside it, as far as the list is read: for what is to be seen, not for keys. */
  readonly hasPrevious: boolean;
  readonly hasNext: boolean;
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
  const { search, state, key } = useLocation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const rows = recall("rows", isRows, DEFAULT_ROWS);
  const params = new URLSearchParams(search);
  const opened = useOpenedCall();
  const shown = { id, params, state };
  const place = usePlace(shown, key);
  const walk = useRef(Promise.resolve());
  const left = useLeft();
  // The list as the user left it: read again, the neighbours would shift with every new call.
  const pageOf = (of: URLSearchParams, cursor = of.get("cursor") ?? "") => ({
    ...callListOptions(readFilters(of), cursor, rows),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const { data } = useQuery(pageOf(params));
  const elsewhere = isFromElsewhere(state);

  const step = async (side: Side) => {
    const from = place.current;
    const page = await client.fetchQuery(pageOf(from.params));
    const neighbour = find(from, page)[side];
    if (!neighbour) return;
    const to = neighbour.kind === "here" ? { ...from, id: neighbour.id } : await turn(from, neighbour);
    if (!to || left.current) return;
    place.current = to;
    opened.current = to.id;
    go(`/calls/${to.id}`, to);
  };

  const turn = async (from: Place, to: NeighbourPage): Promise<Place | undefined> => {
    const page = await client.fetchQuery(pageOf(from.params, to.cursor));
    const call = page.items.at(to.edge === "first" ? 0 : -1);
    if (!call) return undefined;
    const address = new URLSearchParams(from.params);
    if (to.cursor) address.set("cursor", to.cursor);
    else address.delete("cursor");
    return { id: call.id, params: address, state: { ...backOf(from.state), trail: to.trail } };
  };

  // Replaced, so that Back leads to the list and not through every call heard.
  const go = (pathname: string, { params, state }: Place) =>
    void navigate({ pathname, search: params.toString() }, { state, replace: true });

  // Keys come faster than pages are read and rendered: each step begins where the one before it ended.
  const walkTo = (side: Side) => {
    walk.current = walk.current.then(() => step(side)).catch(() => undefined);
  };
  const beside = data && find(shown, data);
  return {
    goPrevious: () => walkTo("previous"),
    goNext: () => walkTo("next"),
    goBack: () => {
      left.current = true;
      if (elsewhere) void navigate(-1);
      else go("/calls", place.current);
    },
    isFromList: !elsewhere,
    hasPrevious: beside?.previous !== undefined,
    hasNext: beside?.next !== undefined,
  };
}

/** Whether the user is on the way to somewhere else: steps that wait for a page then lead nowhere. */
function useLeft(): RefObject<boolean> {
  const left = useRef(false);
  useEffect(() => {
    left.current = false;
    return () => {
      left.current = true;
    };
  }, []);
  return left;
}

/** The place where a walk goes on: the page shown, until a step leads on from there. */
function usePlace(shown: Place, key: string): RefObject<Place> {
  const opened = useOpenedCall();
  const place = useRef(shown);
  const arrived = useRef(key);
  const walked = useNavigationType() === "REPLACE";
  // A page that a step led to is rendered late, and one that it leaves may be once more: the walk is past them.
  useEffect(() => {
    if (!walked && arrived.current !== key) place.current = shown;
    arrived.current = key;
  });
  useEffect(() => {
    opened.current = place.current.id;
  }, [opened]);
  return place;
}

function backOf(state: unknown) {
  return isFromElsewhere(state) ? FROM_ELSEWHERE : {};
}

function find({ id, params, state }: Place, page: Parameters<typeof neighbours>[1]) {
  return neighbours(id, page, params.get("cursor") ?? "", readTrail(state));
}
