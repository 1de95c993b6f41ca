import type { InputRef } from "antd";
import { useCallback, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useLocation, useNavigate } from "react-router";
import { useIsActive } from "../app/useIsActive";
import { useTitle } from "../app/useTitle";
import { useKeys } from "../keyboard/useKeys";
import { FilterBar } from "./FilterBar";
import { NO_FILTERS } from "./filters";
import { ListArea } from "./ListArea";
import { ListFoot } from "./ListFoot";
import { useOpenedCall } from "./opened";
import { queryFault } from "./queryError";
import { SearchBox } from "./SearchBox";
import { useCallList, useNewCalls } from "./useCallList";
import { useListState } from "./useListState";
import { useListView } from "./useListView";
import "./calls.css";

/** The list of calls: what quality staff have open all day. */
export default function CallsPage() {
  const { t } = useTranslation();
  const list = useListState();
  const view = useListView();
  const result = useCallList(list.filters, list.cursor, view.rows);
  const { data, error, isPlaceholderData } = result;
  // A page left open must not keep its session alive.
  const watching = useIsActive(15) && view.watching;
  const onFirstPage = list.cursor === "" && !isPlaceholderData && !error;
  const newer = useNewCalls(onFirstPage ? data?.items : undefined, list.filters, view.rows, watching);
  const search = useRef<InputRef>(null);
  const open = useOpenCall();
  const fault = queryFault(error, list.filters);
  useTitle(t("list.title"));

  const next = error || isPlaceholderData ? null : data?.next_cursor;
  const goNext = () => next && list.goNext(next);
  const refresh = () => void result.refetch();
  const clear = () => list.replaceFilters(NO_FILTERS);
  useKeys("calls", {
    search: () => search.current?.focus({ cursor: "all" }),
    nextPage: goNext,
    previousPage: list.goPrevious,
    refresh,
    clear,
  });

  return (
    <div className="calls">
      <h1 className="visually-hidden">{t("list.title")}</h1>
      <div className="calls-tools">
        <SearchBox ref={search} q={list.filters.q} fault={fault} onChange={list.setFilters} />
        <FilterBar filters={list.filters} onChange={list.setFilters} onClear={clear} />
      </div>
      <ListArea
        list={list}
        result={result}
        faulty={fault !== undefined}
        columns={view.columns}
        newer={newer}
        onOpen={open}
      />
      <ListFoot
        total={error ? undefined : data?.total}
        view={view}
        onNext={next ? goNext : undefined}
        onPrevious={list.hasPrevious ? list.goPrevious : undefined}
        onRefresh={refresh}
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
