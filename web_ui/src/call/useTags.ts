import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, type CallDetail, unwrap } from "../api/client";
import { callKey } from "./useCall";

const TAGS_KEY = ["tags"] as const;

/** The tags in use, asked for once somebody is about to write one. */
export function useTagsInUse(enabled: boolean) {
  return useQuery({
    queryKey: TAGS_KEY,
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/tags", { signal })),
    enabled,
  });
}

/** Puts a tag on the call or takes it off. */
export function useTagging(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ tag, on }: { tag: string; on: boolean }) => {
      const params = { path: { call_id: id, tag } };
      const path = "/api/v1/calls/{call_id}/tags/{tag}";
      return unwrap(on ? api.PUT(path, { params }) : api.DELETE(path, { params }));
    },
    onSuccess: (call: CallDetail) => {
      client.setQueryData(callKey(id), call);
      void client.invalidateQueries({ queryKey: TAGS_KEY });
      void client.invalidateQueries({ queryKey: ["calls"] });
    },
  });
}
