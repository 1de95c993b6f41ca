import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, type CallDetail, unwrap } from "../api/client";
import { waveOf } from "./peaks";

/** Pixels asked for: 33 minutes at full detail, and no longer call takes more to send or draw. */
const POINTS = 40_000;

export const callKey = (id: string) => ["call", id] as const;

export function useCall(id: string) {
  return useQuery({
    queryKey: callKey(id),
    queryFn: ({ signal }) =>
      unwrap(api.GET("/api/v1/calls/{call_id}", { params: { path: { call_id: id } }, signal })),
  });
}

/** The waveform; made once by the server, so it never changes. */
export function useWave(id: string) {
  return useQuery({
    queryKey: ["peaks", id],
    queryFn: async ({ signal }) => {
      const params = { path: { call_id: id }, query: { points: POINTS } };
      return waveOf(await unwrap(api.GET("/api/v1/calls/{call_id}/peaks", { params, signal })));
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function useRelease(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () =>
      unwrap(api.POST("/api/v1/calls/{call_id}/release", { params: { path: { call_id: id } } })),
    onSuccess: (call: CallDetail) => {
      client.setQueryData(callKey(id), call);
      void client.invalidateQueries({ queryKey: ["calls"] });
    },
  });
}
