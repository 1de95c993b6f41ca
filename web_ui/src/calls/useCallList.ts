import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { api, type CallPage, unwrap } from "../api/client";
import { zoneName } from "../format/time";
import { type Filters, type ListQuery, listQuery } from "./filters";
import { countNewer, type Newer } from "./newer";

/** One page of the list; a call page asks for the same to know its neighbours. */
export function callListOptions(filters: Filters, cursor: string, rows: number) {
  const query = pageQuery(filters, cursor, rows);
  return queryOptions({ queryKey: ["calls", query], queryFn: ({ signal }) => readPage(query, signal) });
}

function pageQuery(filters: Filters, cursor: string, rows: number): ListQuery {
  return { ...listQuery(filters, new Date(), zoneName()), limit: rows, ...(cursor ? { cursor } : {}) };
}

function readPage(query: ListQuery, signal: AbortSignal): Promise<CallPage> {
  return unwrap(api.GET("/api/v1/calls", { params: { query }, signal }));
}

/** The page of the list; while another one loads the last one stays, so that nothing flickers. */
export function useCallList(filters: Filters, cursor: string, rows: number) {
  return useQuery({ ...callListOptions(filters, cursor, rows), placeholderData: keepPreviousData });
}

const LOOK_EVERY_MS = 8_000;
const NOTHING: Newer = { count: 0, atLeast: false };

/** How many calls came since `shown` was read; looks again and again while the page is in front. */
export function useNewCalls(
  shown: Parameters<typeof countNewer>[0] | undefined,
  filters: Filters,
  rows: number,
  watching: boolean,
): Newer {
  const query = pageQuery(filters, "", rows);
  const enabled = watching && shown !== undefined;
  const { data } = useQuery({
    queryKey: ["fresh", query],
    queryFn: ({ signal }) => readPage(query, signal),
    enabled,
    refetchInterval: LOOK_EVERY_MS,
    staleTime: LOOK_EVERY_MS,
    retry: false,
    gcTime: 0,
  });
  return enabled && data ? countNewer(shown, data.items) : NOTHING;
}
