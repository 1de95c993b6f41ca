import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import type { Session } from "../api/client";
import { ApiError } from "../api/error";

export const SESSION_KEY = ["session"] as const;

/** What the page knows of its session: signed in, not, or not any more. */
export type SessionState = { readonly session: Session | null; readonly ended: boolean };

/**
 * The store of everything read from the server.
 *
 * An answer that the session has ended, or that a reason is asked for, changes the session wherever it
 * arrives; the gates around the pages do the rest, and the pages stay as they are behind them.
 */
export function makeQueryClient(): QueryClient {
  const onError = (error: unknown) => {
    if (!(error instanceof ApiError)) return;
    const state = client.getQueryData<SessionState>(SESSION_KEY);
    if (!state?.session) return;
    if (error.code === "not-signed-in") client.setQueryData(SESSION_KEY, { session: null, ended: true });
    if (error.code === "reason-required") {
      const session = { ...state.session, reason: { required: true, text: null, until: null } };
      client.setQueryData(SESSION_KEY, { session, ended: false });
    }
  };
  const client = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        retry: (failures, error) => failures < 1 && error instanceof ApiError && error.status === 503,
        retryDelay: 500,
        networkMode: "always",
        refetchOnWindowFocus: false,
        staleTime: 15_000,
      },
      mutations: { networkMode: "always" },
    },
  });
  return client;
}
