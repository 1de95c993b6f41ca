"""Around every request: one line of log and one count for each request, and an answer whatever happens."""

from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa_api import problems
from qa_api.services import Services


class Watch:
    """ASGI middleware. An error that nobody foresaw is logged with its trace and answered with 500."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app = app
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, note its status and how long the answer took to begin."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})
        began, status, seconds = perf_counter(), 0, 0.0

        async def send_noted(message: Message) -> None:
            nonlocal status, seconds
            if message["type"] == "http.response.start":
                status, seconds = message["status"], perf_counter() - began
            await send(message)

        try:
            await self._app(scope, receive, send_noted)
        except Exception:
            self._services.log.exception("request failed", **_about(scope))
            # Where the answer has begun, returning now makes the server cut the connection.
            if not status:
                await problems.response(problems.internal())(scope, receive, send_noted)
        finally:
            self._note(scope, status, seconds or perf_counter() - began)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "name", "page")
        metrics = self._services.metrics
        metrics.requests.labels(route, _method(scope), str(status)).inc()
        metrics.seconds.labels(route).observe(seconds)
        failure = scope["state"].get("failure")
        alarming = status >= 500 or scope["state"].get("suspicious")
        write = self._services.log.warning if alarming else self._services.log.info
        about = _about(scope) | ({"failure": failure} if failure else {})
        write("request", status=status, milliseconds=round(seconds * 1000, 1), **about)


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"})


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in _METHODS else "other"


def _about(scope: Scope) -> dict[str, str]:
    """Who asked for what. The query string stays out: it holds numbers that people search for."""
    viewer = scope["state"].get("viewer")
    client = scope.get("client")
    return {
        "method": _method(scope),
        "path": scope["path"],
        "address": client[0] if client else "",
        "user": viewer.user.username if viewer else "",
    }
