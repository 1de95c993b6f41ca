"""The built web page: files of the static folder, and ``index.html`` for every address of the page itself.

Only files found when the folder was listed, after each build, are opened: no address can lead out of it.
"""

from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.types import Receive, Scope, Send

STATIC = Path(__file__).with_name("static")
_HASHED = "assets/"
"""Vite puts a hash of the contents into the names below this folder: they never change."""
_NOT_PAGE = ("api/", "assets/", "healthz", "metrics")
_MISSING = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Earwitness</title>
<h1>The web page was not built</h1>
<p>The server runs and its API answers, but there is no page to show. Run <code>make web</code> in the
source folder, or install a release, and reload.</p>
<h1 lang="zh">网页尚未构建</h1>
<p lang="zh">服务器正在运行,API 可用,但没有可显示的网页。请在源代码目录中运行 <code>make web</code>,
或安装正式发布版本,然后刷新。</p>
"""


class Page:
    """ASGI application for whatever no route answers."""

    def __init__(self, folder: Path = STATIC) -> None:
        self._folder = folder
        self._files: dict[str, Path] = {}
        self._built: int | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer GET and HEAD; anything else that no route wanted is not found."""
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        if request.method not in ("GET", "HEAD"):
            raise HTTPException(404)
        answer = await run_in_threadpool(self.answer, request.url.path.lstrip("/"))
        await answer(scope, receive, send)

    def answer(self, path: str) -> Response:
        """The file, or the page that finds its own way from there; raises ``HTTPException`` 404."""
        built = _built(self._folder)
        if built != self._built:
            self._files, self._built = _listing(self._folder), built
        file = self._files.get(path)
        if file and path != "index.html":
            lasting = path.startswith(_HASHED)
            cache = "public, max-age=31536000, immutable" if lasting else "no-cache"
            return FileResponse(file, headers={"Cache-Control": cache})
        if path.startswith(_NOT_PAGE):
            raise HTTPException(404)
        index = self._files.get("index.html")
        if index is None:
            return HTMLResponse(_MISSING, 503, headers={"Cache-Control": "no-store"})
        return FileResponse(index, media_type="text/html", headers={"Cache-Control": "no-cache"})


def _built(folder: Path) -> int | None:
    """When the page was built, in nanoseconds; None where it was not. A new build has other file names."""
    try:
        return (folder / "index.html").stat().st_mtime_ns
    except FileNotFoundError:
        return None


def _listing(folder: Path) -> dict[str, Path]:
    """The files below the folder by relative POSIX name, without hidden ones and links that lead out."""
    root = folder.resolve()
    found = {}
    for path in root.rglob("*"):
        name = path.relative_to(root)
        hidden = any(part.startswith(".") for part in name.parts)
        if not hidden and path.is_file() and path.resolve().is_relative_to(root):
            found[name.as_posix()] = path
    return found
