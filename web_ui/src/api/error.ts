import type { components } from "./schema";

type Problem = components["schemas"]["Problem"];

/** Codes that the page itself gives, beside those of the server. */
export const UNREACHABLE = "unreachable";
export const UNREADABLE = "unreadable";

/** A request that did not succeed: the server's problem (RFC 9457), or that it could not be reached. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly parameters: Readonly<Record<string, unknown>> = {},
  ) {
    super(`${status} ${code} ${detail}`.trim());
  }

  /** Whether asking again brings the same answer: the request is at fault, and not the server or the way to it. */
  get isFinal(): boolean {
    return this.status >= 400 && this.status < 500;
  }

  /** From whatever body came with an error status; a proxy may send HTML. */
  static fromBody(status: number, body: unknown): ApiError {
    if (isProblem(body)) return new ApiError(status, body.code, body.detail ?? "", body.parameters ?? {});
    // A gateway in front that finds no server answers for it.
    return new ApiError(status, status === 502 || status === 504 ? UNREACHABLE : UNREADABLE, "");
  }

  /** From what `fetch` threw: no connection, or aborted. */
  static unreachable(cause: unknown): ApiError {
    return new ApiError(0, UNREACHABLE, cause instanceof Error ? cause.message : String(cause));
  }
}

function isProblem(body: unknown): body is Partial<Problem> & { code: string } {
  return typeof body === "object" && body !== null && "code" in body && typeof body.code === "string";
}
