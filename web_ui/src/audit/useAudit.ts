import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, unwrap } from "../api/client";

const ROWS = 50;

/** One page of the audit log, newest first, and the ways to the others. */
export function useAudit() {
  const [trail, setTrail] = useState<readonly string[]>([]);
  const cursor = trail.at(-1);
  const result = useQuery({
    queryKey: ["audit", cursor],
    queryFn: ({ signal }) => {
      const query = { limit: ROWS, ...(cursor ? { cursor } : {}) };
      return unwrap(api.GET("/api/v1/audit", { params: { query }, signal }));
    },
    placeholderData: keepPreviousData,
    // The log grows with every look at a call.
    staleTime: 0,
  });
  const next = result.isPlaceholderData ? null : result.data?.next_cursor;
  return {
    result,
    goOlder: next ? () => setTrail([...trail, next]) : undefined,
    goNewer: trail.length > 0 ? () => setTrail(trail.slice(0, -1)) : undefined,
  };
}

/** Has the server read the whole log and say whether its chain holds. */
export function useVerify() {
  return useMutation({ mutationFn: () => unwrap(api.GET("/api/v1/audit/verify")) });
}
