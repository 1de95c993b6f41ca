import createClient, { type Middleware } from "openapi-fetch";
import { ApiError } from "./error";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];
export type Session = Schemas["Session"];
export type CallItem = Schemas["CallItem"];
export type CallPage = Schemas["CallPage"];
export type CallDetail = Schemas["CallDetail"];
export type Party = Schemas["Party"];
export type Side = Schemas["Side"];
export type Peaks = Schemas["Peaks"];

export const api = createClient<paths>();

let csrfToken = "";

/** The token that every unsafe request carries from now on; it comes with the session. */
export function setCsrfToken(token: string): void {
  csrfToken = token;
}

const guardUnsafe: Middleware = {
  onRequest({ request }) {
    if (request.method !== "GET" && request.method !== "HEAD" && csrfToken)
      request.headers.set("X-CSRF-Token", csrfToken);
  },
  onError({ error }) {
    if (error instanceof DOMException && error.name === "AbortError") return error;
    return ApiError.unreachable(error);
  },
};
api.use(guardUnsafe);

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of a successful answer; throws `ApiError` otherwise. */
export async function unwrap<T>(answer: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await answer;
  if (!response.ok) throw ApiError.fromBody(response.status, error);
  return data as T;
}

/** Where the browser's media element streams the sound of a call from, by ranges. */
export function audioUrl(callId: string): string {
  return `/api/v1/calls/${encodeURIComponent(callId)}/audio`;
}

export type DownloadFormat = Schemas["DownloadFormat"];

export function downloadUrl(callId: string, format: DownloadFormat): string {
  return `/api/v1/calls/${encodeURIComponent(callId)}/download?format=${format}`;
}
