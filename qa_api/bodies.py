"""The limit on request bodies: none of the API needs more than a few kilobytes."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa_api import problems
from qa_api.errors import TooLarge


class BodyLimit:
    """ASGI middleware that reads the body, at most ``limit`` bytes of it, before the application sees it."""

    def __init__(self, app: ASGIApp, limit: int = 65_536) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 413 to a body that is announced or turns out to be too large."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self._app(scope, receive, send)
            return
        try:
            body = await self._read(Headers(scope=scope), receive)
        except TooLarge as error:
            await problems.response(problems.of_error(error), {"Connection": "close"})(scope, receive, send)
            return
        if body is not None:
            await self._app(scope, _replay(body, receive), send)

    async def _read(self, headers: Headers, receive: Receive) -> bytes | None:
        """The whole body, None where the client went away before its end."""
        announced = headers.get("content-length", "")
        self._check(int(announced) if announced.isdecimal() else 0)
        body = bytearray()
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            body += message.get("body", b"")
            self._check(len(body))
            more = message.get("more_body", False)
        return bytes(body)

    def _check(self, length: int) -> None:
        if length > self._limit:
            raise TooLarge(f"At most {self._limit} bytes are read.", limit=self._limit)


def _replay(body: bytes, receive: Receive) -> Receive:
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return pending.pop() if pending else await receive()

    return replayed
