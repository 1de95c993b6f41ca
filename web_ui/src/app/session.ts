import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, use } from "react";
import { api, type Schemas, type Session, setCsrfToken, unwrap } from "../api/client";
import { ApiError } from "../api/error";
import { SESSION_KEY, type SessionState } from "./queries";

export type Permission = Schemas["Action"];

/** Asks the server once who is signed in; nobody is an answer and no failure. */
export function useSessionState() {
  return useQuery<SessionState>({
    queryKey: SESSION_KEY,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
    queryFn: async () => {
      try {
        return opened(await unwrap(api.GET("/api/v1/session")));
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) return { session: null, ended: false };
        throw error;
      }
    },
  });
}

export function useSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["SignIn"]) => unwrap(api.POST("/api/v1/session", { body })),
    onSuccess: (session) => {
      // What another user saw in this browser is not for this one.
      client.removeQueries({ predicate: (query) => query.queryKey[0] !== SESSION_KEY[0] });
      client.setQueryData(SESSION_KEY, opened(session));
    },
  });
}

export function useSignOut() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => unwrap(api.DELETE("/api/v1/session")),
    onSuccess: () => {
      client.setQueryData(SESSION_KEY, { session: null, ended: false });
      client.removeQueries({ predicate: (query) => query.queryKey[0] !== SESSION_KEY[0] });
    },
  });
}

export function useStateReason() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (reason: string) => unwrap(api.PUT("/api/v1/session/reason", { body: { reason } })),
    onSuccess: async (session) => {
      client.setQueryData(SESSION_KEY, opened(session));
      await client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== SESSION_KEY[0] });
    },
  });
}

const SessionContext = createContext<Session | null>(null);
export const SessionProvider = SessionContext.Provider;

/** The session of whoever looks at the page; only below the gate that makes sure of one. */
export function useSession(): Session {
  const session = use(SessionContext);
  if (!session) throw new Error("useSession is for components below SessionGate");
  return session;
}

export function useMay(permission: Permission): boolean {
  return useSession().permissions.includes(permission);
}

function opened(session: Session): SessionState {
  setCsrfToken(session.csrf_token);
  return { session, ended: false };
}
