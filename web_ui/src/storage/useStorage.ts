import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { api, type Schemas, unwrap } from "../api/client";
import { useIsActive } from "../app/useIsActive";
import type { Run } from "./progress";

const KEY = ["storage"] as const;
const EVERY = 3000;
const MINUTES = 10;
const RUNS = 20;

/** The archive targets, read again every few seconds while somebody is there. */
export function useTargets(watched = true) {
  const active = useIsActive(MINUTES);
  return useQuery({
    queryKey: [...KEY, "targets"],
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/storage/targets", { signal })),
    refetchInterval: watched && active ? EVERY : false,
    staleTime: 0,
  });
}

/**
 * What was done and is being done, of one kind and at one target or all, the latest first. Read again as the targets
 * are, and less often the more pages of it are shown, as all of them are.
 */
export function useRuns(kind: Run["kind"] | undefined, target: string) {
  const active = useIsActive(MINUTES);
  return useInfiniteQuery({
    queryKey: [...KEY, "runs", kind, target],
    queryFn: ({ pageParam, signal }) => {
      const query = {
        limit: RUNS,
        ...(kind && { kind }),
        ...(target && { target }),
        ...(pageParam && { cursor: pageParam }),
      };
      return unwrap(api.GET("/api/v1/storage/runs", { params: { query }, signal }));
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => active && EVERY * (state.data?.pages.length ?? 1),
    staleTime: 0,
  });
}

export function usePlan() {
  return useQuery({
    queryKey: [...KEY, "plan"],
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/storage/plan", { signal })),
    staleTime: 300_000,
  });
}

/** What a run found; `fresh` counts up with what it has done, so that the report follows. */
export function useReport(id: string, fresh: string) {
  return useQuery({
    queryKey: [...KEY, "report", id, fresh],
    queryFn: ({ signal }) =>
      unwrap(api.GET("/api/v1/storage/runs/{run_id}", { params: { path: { run_id: id } }, signal })),
  });
}

export type Order =
  | { readonly what: "begin"; readonly body: Schemas["RunAsked"] }
  | { readonly what: "stop"; readonly id: string };

/** Asks for work, or that it end. */
export function useOrder() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (order: Order) =>
      order.what === "begin"
        ? unwrap(api.POST("/api/v1/storage/runs", { body: order.body }))
        : unwrap(api.POST("/api/v1/storage/runs/{run_id}/stop", { params: { path: { run_id: order.id } } })),
    onSettled: () => void client.invalidateQueries({ queryKey: KEY }),
  });
}

/** Lets a target get one call before others. */
export function useCopyCall(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (target: string) =>
      unwrap(
        api.POST("/api/v1/calls/{call_id}/copies", { params: { path: { call_id: id } }, body: { target } }),
      ),
    onSuccess: () => void client.invalidateQueries({ queryKey: ["call", id] }),
  });
}
