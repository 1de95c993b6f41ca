"""The sound of a call: ranges for the player, peaks for the waveform, downloads."""

from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import StreamingResponse

from qa_api import peaks, ranges, sound
from qa_api.guard import Given, SignedIn
from qa_api.listing import find
from qa_api.routes.calls import CallId
from qa_api.routes.replies import problems
from qa_api.schemas.calls import Peaks
from qa_api.services import Services
from qa_api.trail import note
from qa_api.viewer import Viewer
from storage.copies.reader import CopyReader

router = APIRouter(tags=["audio"])
_REVALIDATE = "private, no-cache"
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_AUDIO = dict.fromkeys(sound.MEDIA_TYPES.values(), _BINARY)
_PLAYED: dict[int | str, dict[str, Any]] = {
    200: {"description": "The whole file", "content": _AUDIO},
    206: {"description": "One range of it", "content": _AUDIO},
    304: {"description": "Unchanged"},
}
_DRAWN: dict[int | str, dict[str, Any]] = {304: {"description": "Unchanged"}}
_DOWNLOADED: dict[int | str, dict[str, Any]] = {200: {"description": "The file", "content": _AUDIO}}


class DownloadFormat(StrEnum):
    """What a call can be downloaded as."""

    OPUS = "opus"
    WAV = "wav"


@router.get(
    "/calls/{call_id}/audio",
    response_class=Response,
    responses=_PLAYED | problems(401, 403, 404, 416, 422, 503),
)
def get_audio(call_id: CallId, request: Request, services: Given, viewer: SignedIn) -> Response:
    """The archived audio, or WAV made of what no browser plays; answers single byte ranges (RFC 9110, 14)."""
    found = sound.sound_of(find(services, viewer, call_id), services.archive)
    size, headers = found.size, _validators(found.etag)
    if ranges.none_match(request.headers.get("if-none-match"), found.etag):
        _note_playback(services, viewer, call_id, found.reader)
        return Response(status_code=304, headers=headers)
    asked = request.headers.get("range")
    if not ranges.still_valid(request.headers.get("if-range"), found.etag):
        asked = None
    part = ranges.wanted(asked, size)
    start, length = (part.start, part.length) if part else (0, size)
    headers |= {"Accept-Ranges": "bytes", "Content-Length": str(length)}
    if part:
        headers["Content-Range"] = part.content_range
    chunks = found.chunks(start, length)
    _note_playback(services, viewer, call_id, found.reader)
    return StreamingResponse(chunks, 206 if part else 200, headers, found.media_type)


@router.head("/calls/{call_id}/audio", response_class=Response, responses=problems(401, 403, 404, 422, 503))
def head_audio(call_id: CallId, services: Given, viewer: SignedIn) -> Response:
    """Length, type and entity tag of the audio; not a playback."""
    found = sound.sound_of(find(services, viewer, call_id), services.archive)
    headers = {"Accept-Ranges": "bytes", "Content-Length": str(found.size)}
    return Response(headers=headers | _validators(found.etag), media_type=found.media_type)


@router.get(
    "/calls/{call_id}/peaks", response_model=Peaks, responses=_DRAWN | problems(401, 403, 404, 422, 503)
)
def get_peaks(
    call_id: CallId,
    request: Request,
    services: Given,
    viewer: SignedIn,
    points: Annotated[int | None, Query(ge=1, le=100_000, description="At most so many pixels")] = None,
) -> Response:
    """The waveform of both channels."""
    waveform, etag = sound.waveform_of(find(services, viewer, call_id), services.archive, points)
    if ranges.none_match(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=_validators(etag))
    drawn = Peaks(
        channels=waveform.channels,
        pixels_per_second=waveform.pixels_per_second,
        length=waveform.length,
        data=peaks.rows(waveform),
    )
    return Response(drawn.model_dump_json(), headers=_validators(etag), media_type="application/json")


@router.get(
    "/calls/{call_id}/download",
    response_class=Response,
    responses=_DOWNLOADED | problems(401, 403, 404, 406, 422, 503),
)
def download_call(
    call_id: CallId,
    services: Given,
    viewer: SignedIn,
    format: DownloadFormat = DownloadFormat.OPUS,  # noqa: A002
) -> Response:
    """The audio as a file to keep, as archived or as 16-bit WAV."""
    file = sound.download_of(find(services, viewer, call_id), services.archive, format.value)
    note(services, viewer, "call.download", call=call_id, after={"format": format.value})
    services.metrics.downloads.inc()
    _log_troubles(services, call_id, file.reader)
    headers = {
        "Content-Length": str(file.bytes),
        "Content-Disposition": f'attachment; filename="{file.name}"',
    }
    return StreamingResponse(file.chunks, headers=headers, media_type=file.media_type)


def _validators(etag: str) -> dict[str, str]:
    return {"ETag": etag, "Cache-Control": _REVALIDATE}


def _note_playback(services: Services, viewer: Viewer, call_id: str, reader: CopyReader) -> None:
    key = (viewer.session.token_hash, "play", call_id)
    with services.episodes.beginning(*key, now=services.now()) as begins:
        if begins:
            note(services, viewer, "call.play", call=call_id)
            services.metrics.playbacks.inc()
            _log_troubles(services, call_id, reader)


def _log_troubles(services: Services, call_id: str, reader: CopyReader) -> None:
    """Say that another copy was read than the first one: the listener does not notice."""
    for target, reason in reader.troubles.items():
        services.log.warning("copy not read", call=call_id, target=target, reason=reason)
