import type { UseQueryResult } from "@tanstack/react-query";
import type { CallItem, CallPage } from "../api/client";
import { CallList } from "./CallList";
import type { ColumnKey } from "./columns";
import { isUnfiltered, loneQuery, NO_FILTERS } from "./filters";
import { ListMessage } from "./ListMessage";
import { NewCallsPill } from "./NewCallsPill";
import type { Newer } from "./newer";
import type { ListState } from "./useListState";

interface Props {
  list: ListState;
  result: UseQueryResult<CallPage>;
  /** Whether the query could not be read; what is wrong stands at the search box. */
  faulty: boolean;
  columns: readonly ColumnKey[];
  newer: Newer;
  onOpen: (id: string) => void;
}

const NO_CALLS: readonly CallItem[] = [];

/** The calls of one page, or what there is in their place. */
export function ListArea({ list, result, faulty, columns, newer, onOpen }: Props) {
  const { data, error, isFetching, isPlaceholderData } = result;
  const calls = error ? NO_CALLS : (data?.items ?? NO_CALLS);
  const refresh = () => void result.refetch();
  return (
    <div className="calls-list" aria-busy={isFetching}>
      <div className={isFetching ? "progress progress-on" : "progress"} />
      <NewCallsPill newer={newer} onShow={refresh} />
      <CallList
        calls={calls}
        columns={columns}
        loading={!data && !error}
        dimmed={isPlaceholderData}
        onOpen={onOpen}
      />
      <ListMessage
        error={error}
        faulty={faulty}
        empty={data !== undefined && calls.length === 0}
        query={loneQuery(list.filters)}
        unfiltered={isUnfiltered(list.filters)}
        onRetry={refresh}
        onClear={() => list.replaceFilters(NO_FILTERS)}
        onNewest={list.cursor ? list.goNewest : undefined}
      />
    </div>
  );
}
