import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, type Schemas, unwrap } from "../api/client";
import type { ErasureStep, HoldStep, RuleStep } from "./steps";

const KEY = ["compliance"] as const;

export function useRules() {
  return useQuery({
    queryKey: [...KEY, "rules"],
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/retention/rules", { signal })),
  });
}

export function useHolds() {
  return useQuery({
    queryKey: [...KEY, "holds"],
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/holds", { signal })),
  });
}

export function useErasures() {
  return useInfiniteQuery({
    queryKey: [...KEY, "erasures"],
    queryFn: ({ pageParam, signal }) => {
      const query = { limit: 50, ...(pageParam ? { cursor: pageParam } : {}) };
      return unwrap(api.GET("/api/v1/erasures", { params: { query }, signal }));
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
  });
}

/** Teams by id, for criteria. */
export function useTeams() {
  return useQuery({
    queryKey: ["teams"],
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/teams", { signal })),
    staleTime: 300_000,
    select: ({ items }) => new Map(items.map(({ id, name }) => [id, name])),
  });
}

/** What would go; asked for by hand, because the server looks at every call and writes that down. */
export function usePreview(proposed: boolean, enabled: boolean) {
  return useQuery({
    queryKey: [...KEY, "preview", proposed],
    queryFn: ({ signal }) =>
      unwrap(api.GET("/api/v1/retention/preview", { params: { query: { proposed, first: 10 } }, signal })),
    enabled,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export type Deed =
  | { readonly what: "rule"; readonly id: string; readonly step: RuleStep }
  | { readonly what: "hold"; readonly id: string; readonly step: HoldStep; readonly reason?: string }
  | { readonly what: "hold-calls"; readonly id: string; readonly calls: string[] }
  | { readonly what: "erasure"; readonly id: string; readonly step: ErasureStep }
  | { readonly what: "propose"; readonly body: Schemas["RuleGiven"] }
  | { readonly what: "place"; readonly body: Schemas["HoldGiven"] }
  | { readonly what: "request"; readonly body: Schemas["ErasureGiven"] };

/** Does one thing, and has everything on the page read again that it may have changed. */
export function useDeed() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (deed: Deed): Promise<unknown> => done(deed),
    onSettled: () => {
      // Not the preview: the server looks at every call for it.
      for (const part of ["rules", "holds", "erasures"])
        void client.invalidateQueries({ queryKey: [...KEY, part] });
      void client.invalidateQueries({ queryKey: ["call"] });
    },
  });
}

function done(deed: Deed): Promise<unknown> {
  switch (deed.what) {
    case "propose":
      return unwrap(api.POST("/api/v1/retention/rules", { body: deed.body }));
    case "place":
      return unwrap(api.POST("/api/v1/holds", { body: deed.body }));
    case "request":
      return unwrap(api.POST("/api/v1/erasures", { body: deed.body }));
    case "rule": {
      const params = { path: { rule_id: deed.id } };
      return unwrap(api.POST(`/api/v1/retention/rules/{rule_id}/${deed.step}`, { params }));
    }
    case "hold": {
      const params = { path: { hold_id: deed.id } };
      if (deed.step === "ask-release") {
        const body = { reason: deed.reason ?? "" };
        return unwrap(api.POST("/api/v1/holds/{hold_id}/ask-release", { params, body }));
      }
      return unwrap(api.POST(`/api/v1/holds/{hold_id}/${deed.step}`, { params }));
    }
    case "hold-calls": {
      const params = { path: { hold_id: deed.id } };
      return unwrap(api.POST("/api/v1/holds/{hold_id}/calls", { params, body: { calls: deed.calls } }));
    }
    case "erasure": {
      const params = { path: { erasure_id: deed.id } };
      const body = { approve: deed.step === "approve" };
      return unwrap(api.POST("/api/v1/erasures/{erasure_id}/decide", { params, body }));
    }
  }
}
