import { RunRow } from "./RunRow";
import { useReport } from "./useStorage";

/** A run that the address names and that is not among those listed: a link to a report outlives their pages. */
export function PinnedRun({ id, onToggle }: { id: string; onToggle: () => void }) {
  const { data } = useReport(id, "pinned");
  return data ? <RunRow run={data} open onToggle={onToggle} /> : null;
}
