import { useCallback, useMemo } from "react";
import { useLocation, useNavigate } from "react-router";
import { type Filters, readFilters, writeFilters } from "./filters";
import { backward, forward, NO_TRAIL, readTrail, type Step } from "./trail";

export interface ListState {
  readonly filters: Filters;
  /** The page shown; "" is the newest. */
  readonly cursor: string;
  readonly hasPrevious: boolean;
  readonly setFilters: (change: Partial<Filters>) => void;
  readonly replaceFilters: (filters: Filters) => void;
  readonly goNext: (next: string) => void;
  readonly goPrevious: () => void;
  readonly goNewest: () => void;
}

/** The list's state, which is its address: every change is a step of the browser's history. */
export function useListState(): ListState {
  const { search, state, pathname } = useLocation();
  const navigate = useNavigate();
  const params = useMemo(() => new URLSearchParams(search), [search]);
  const filters = useMemo(() => readFilters(params), [params]);
  const cursor = params.get("cursor") ?? "";
  const trail = readTrail(state);

  const go = useCallback(
    (wanted: Filters, step: Step) => {
      const address = writeFilters(wanted);
      if (step.cursor) address.set("cursor", step.cursor);
      void navigate({ pathname, search: address.toString() }, { state: { trail: step.trail } });
    },
    [navigate, pathname],
  );

  const replaceFilters = useCallback(
    (wanted: Filters) => {
      if (writeFilters(wanted).toString() !== writeFilters(filtersNow()).toString())
        go(wanted, { cursor: "", trail: NO_TRAIL });
    },
    [go],
  );
  const before = backward(cursor, trail);
  return {
    filters,
    cursor,
    hasPrevious: before !== undefined,
    replaceFilters,
    setFilters: useCallback((change) => replaceFilters({ ...filtersNow(), ...change }), [replaceFilters]),
    goNext: (next) => go(filters, forward(cursor, trail, next)),
    goPrevious: () => before && go(filters, before),
    goNewest: () => go(filters, { cursor: "", trail: NO_TRAIL }),
  };
}

/**
 * The filters of the address as it is now. What is rendered lags behind it on a busy machine, and a second
 * filter that was set meanwhile must not undo the first.
 */
function filtersNow(): Filters {
  return readFilters(new URLSearchParams(window.location.search));
}
