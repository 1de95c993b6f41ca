import { Outlet } from "react-router";
import { OpenedCall } from "../calls/opened";
import { NoCallsPage } from "./NoCallsPage";
import { ReasonGate } from "./ReasonGate";
import { useMay } from "./session";

/** Around the pages with calls: for roles that have calls, once they have said why where they must. */
export function CallsGate() {
  if (!useMay("calls.read")) return <NoCallsPage />;
  return (
    <ReasonGate>
      <OpenedCall>
        <Outlet />
      </OpenedCall>
    </ReasonGate>
  );
}
