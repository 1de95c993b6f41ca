import type { Schemas } from "../api/client";
import type { paths } from "../api/schema";
import { isPeriod, type Period, stretchOf } from "./period";

/** What the calls page looks for; its URL and nothing else holds it, so that a link or Back brings it back. */
export interface Filters {
  readonly q: string;
  readonly agent: string;
  readonly tag: string;
  readonly number: string;
  readonly period: Period | "";
  /** RFC 3339; used where no period is chosen. */
  readonly after: string;
  readonly before: string;
  readonly minDuration: number | null;
  readonly maxDuration: number | null;
  readonly direction: Direction | "";
  readonly state: CallState | "";
}

export type Direction = Schemas["Direction"];
export type CallState = Schemas["CallState"];
export type ListQuery = NonNullable<paths["/api/v1/calls"]["get"]["parameters"]["query"]>;

export const DIRECTIONS: readonly Direction[] = ["inbound", "outbound", "internal", "unknown"];
export const STATES: readonly CallState[] = [
  "answered",
  "missed",
  "busy",
  "cancelled",
  "failed",
  "media-only",
];

export const NO_FILTERS: Filters = {
  q: "",
  agent: "",
  tag: "",
  number: "",
  period: "",
  after: "",
  before: "",
  minDuration: null,
  maxDuration: null,
  direction: "",
  state: "",
};

/** The filters in a URL; what makes no sense is left out rather than sent on. */
export function readFilters(params: URLSearchParams): Filters {
  const period = params.get("period");
  return {
    q: params.get("q") ?? "",
    agent: params.get("agent") ?? "",
    tag: params.get("tag") ?? "",
    number: params.get("number") ?? "",
    period: isPeriod(period) ? period : "",
    after: isPeriod(period) ? "" : instant(params.get("after")),
    before: isPeriod(period) ? "" : instant(params.get("before")),
    minDuration: seconds(params.get("min")),
    maxDuration: seconds(params.get("max")),
    direction: DIRECTIONS.find((direction) => direction === params.get("direction")) ?? "",
    state: STATES.find((state) => state === params.get("state")) ?? "",
  };
}

/** The filters as URL parameters, always in the same order, without those that are not set. */
export function writeFilters(filters: Filters): URLSearchParams {
  const params = new URLSearchParams();
  const put = (name: string, value: string | number | null) => {
    if (value !== "" && value !== null) params.set(name, String(value));
  };
  put("q", filters.q.trim());
  put("agent", filters.agent);
  put("tag", filters.tag);
  put("number", filters.number.trim());
  put("period", filters.period);
  put("after", filters.period ? "" : filters.after);
  put("before", filters.period ? "" : filters.before);
  put("min", filters.minDuration);
  put("max", filters.maxDuration);
  put("direction", filters.direction);
  put("state", filters.state);
  return params;
}

/** Whether nothing is filtered, so that every call within reach is shown. */
export function isUnfiltered(filters: Filters): boolean {
  return writeFilters(filters).size === 0;
}

/** The query where nothing else narrows the list, "" otherwise. */
export function loneQuery(filters: Filters): string {
  return isUnfiltered({ ...filters, q: "" }) ? filters.q.trim() : "";
}

/** The filters as the API takes them, at `now` for the named periods, for a user in `zone`. */
export function listQuery(filters: Filters, now: Date, zone: string): ListQuery {
  const stretch = filters.period ? stretchOf(filters.period, now) : filters;
  const query: ListQuery = {};
  if (filters.q.trim()) {
    query.q = filters.q.trim();
    // Times in the query language are the user's.
    query.zone = zone;
  }
  if (filters.agent) query.agent = filters.agent;
  if (filters.tag) query.tag = filters.tag;
  if (filters.number.trim()) query.number = filters.number.trim();
  if (stretch.after) query.after = stretch.after;
  if (stretch.before) query.before = stretch.before;
  if (filters.minDuration !== null) query.min_duration = filters.minDuration;
  if (filters.maxDuration !== null) query.max_duration = filters.maxDuration;
  if (filters.direction) query.direction = filters.direction;
  if (filters.state) query.state = filters.state;
  return query;
}

function instant(text: string | null): string {
  const time = Date.parse(text ?? "");
  return Number.isNaN(time) ? "" : new Date(time).toISOString();
}

function seconds(text: string | null): number | null {
  const value = Number(text);
  return text !== null && text !== "" && Number.isFinite(value) && value >= 0 ? value : null;
}
