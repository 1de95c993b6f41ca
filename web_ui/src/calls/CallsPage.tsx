import type { InputRef } from "antd";
import { useCallback, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useLocation, useNavigate } from "react-router";
import { useTitle } from "../app/useTitle";
import { useKeys } from "../keyboard/useKeys";
import { isBoolean, isNumber, isStrings } from "../settings/remembered";
import { useRemembered } from "../settings/useRemembered";
import { CallList } from "./CallList";
import { chosenColumns, DEFAULT_COLUMNS } from "./columns";
import { FilterBar } from "./FilterBar";
import { isUnfiltered, NO_FILTERS } from "./filters";
import { ListFoot } from "./ListFoot";
import { ListMessage } from "./ListMessage";
import { NewCallsPill } from "./NewCallsPill";
import { useOpenedCall } from "./opened";
import { queryFault } from "./queryError";
import { SearchBox } from "./SearchBox";
import { DEFAULT_ROWS, useCallList, useNewCalls } from "./useCallList";
import { useListState } from "./useListState";
import "./calls.css";

/** The list of calls: what quality staff have open all day. */
export default function CallsPage() {
  const { t } = useTranslation();
  const list = useListState();
  const [rows, setRows] = useRemembered("rows", isNumber, DEFAULT_ROWS);
  const [stored, setStored] = useRemembered<readonly string[]>("columns", isStrings, DEFAULT_COLUMNS);
  const [watching, setWatching] = useRemembered("watch", isBoolean, true);
  const { data, error, isFetching, isPlaceholderData, refetch } = useCallList(
    list.filters,
    list.cursor,
    rows,
  );
  const onFirstPage = list.cursor === "" && !isPlaceholderData && !error;
  const newer = useNewCalls(onFirstPage ? data?.items : undefined, list.filters, rows, watching);
  const search = useRef<InputRef>(null);
  const open = useOpenCall();
  const calls = error ? [] : (data?.items ?? []);
  const columns = useMemo(() => chosenColumns(stored), [stored]);
  useTitle(t("list.title"));

  const next = data?.next_cursor;
  const goNext = () => next && !isPlaceholderData && list.goNext(next);
  const clear = () => list.replaceFilters(NO_FILTERS);
  useKeys("calls", {
    search: () => search.current?.focus({ cursor: "all" }),
    nextPage: goNext,
    previousPage: list.goPrevious,
    refresh: () => void refetch(),
    clear,
  });

  const fault = queryFault(error, list.filters);
  return (
    <div className="calls">
      <h1 className="visually-hidden">{t("list.title")}</h1>
      <div className="calls-tools">
        <SearchBox ref={search} q={list.filters.q} fault={fault} onChange={list.setFilters} />
        <FilterBar filters={list.filters} onChange={list.setFilters} onClear={clear} />
      </div>
      <div className="calls-list" aria-busy={isFetching}>
        <div className={isFetching ? "progress progress-on" : "progress"} />
        <NewCallsPill newer={newer} onShow={() => void refetch()} />
        <CallList
          calls={calls}
          columns={columns}
          loading={!data && !error}
          dimmed={isPlaceholderData}
          onOpen={open}
        />
        <ListMessage
          error={error}
          faulty={fault !== undefined}
          empty={data !== undefined && calls.length === 0}
          unfiltered={isUnfiltered(list.filters)}
          onRetry={() => void refetch()}
          onClear={clear}
          onNewest={list.cursor ? list.goNewest : undefined}
        />
      </div>
      <ListFoot
        total={error ? undefined : data?.total}
        rows={rows}
        columns={stored}
        watching={watching}
        hasNext={Boolean(next) && !error}
        hasPrevious={list.hasPrevious}
        onRows={setRows}
        onColumns={setStored}
        onWatch={setWatching}
        onNext={goNext}
        onPrevious={list.goPrevious}
        onRefresh={() => void refetch()}
      />
    </div>
  );
}

/** Opens a call with the address of the list, so that the call page knows the way back and its neighbours. */
function useOpenCall(): (id: string) => void {
  const navigate = useNavigate();
  const { search, state } = useLocation();
  const opened = useOpenedCall();
  return useCallback(
    (id) => {
      opened.current = id;
      void navigate({ pathname: `/calls/${id}`, search }, { state });
    },
    [navigate, search, state, opened],
  );
}
