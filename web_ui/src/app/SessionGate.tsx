import type { ReactNode } from "react";
import { LoginPage } from "../login/LoginPage";
import { Failure } from "./Failure";
import { SessionProvider, useSessionState } from "./session";
import { Waiting } from "./Waiting";

/**
 * Shows its children to who is signed in, and the login in their place to who is not. The address stays, so
 * that signing in leads to where the user wanted to go.
 */
export function SessionGate({ children }: { children: ReactNode }) {
  const { data, error, refetch, isFetching } = useSessionState();
  if (data?.session) return <SessionProvider value={data.session}>{children}</SessionProvider>;
  if (data) return <LoginPage ended={data.ended} />;
  if (error) return <Failure error={error} busy={isFetching} onRetry={() => void refetch()} />;
  return <Waiting />;
}
