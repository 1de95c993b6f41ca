"""The sound of a call: ranges for the player, peaks for the waveform, downloads."""

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from qa_api.routes.calls import CallId
from qa_api.routes.replies import problems
from qa_api.schemas.calls import Peaks

router = APIRouter(tags=["audio"])
_BINARY = {"schema": {"type": "string", "format": "binary"}}


class DownloadFormat(StrEnum):
    """What a call can be downloaded as."""

    OPUS = "opus"
    WAV = "wav"


@router.get(
    "/calls/{call_id}/audio",
    response_class=Response,
    responses={
        200: {"description": "The whole file", "content": {"audio/ogg": _BINARY}},
        206: {"description": "One range of it", "content": {"audio/ogg": _BINARY}},
        304: {"description": "Unchanged"},
    }
    | problems(401, 403, 404, 416, 422, 503),
)
def get_audio(call_id: CallId, request: Request) -> Response:
    """The archived audio; answers single byte ranges (RFC 9110, 14)."""
    raise NotImplementedError


@router.head("/calls/{call_id}/audio", response_class=Response, responses=problems(401, 403, 404, 422))
def head_audio(call_id: CallId, request: Request) -> Response:
    """Length, type and entity tag of the audio."""
    raise NotImplementedError


@router.get(
    "/calls/{call_id}/peaks",
    responses={304: {"description": "Unchanged"}} | problems(401, 403, 404, 422, 503),
)
def get_peaks(
    call_id: CallId,
    request: Request,
    points: Annotated[int | None, Query(ge=1, le=100_000, description="At most so many pixels")] = None,
) -> Peaks:
    """The waveform of both channels."""
    raise NotImplementedError


@router.get(
    "/calls/{call_id}/download",
    response_class=Response,
    responses={
        200: {"description": "The file", "content": {"audio/ogg": _BINARY, "audio/wav": _BINARY}},
    }
    | problems(401, 403, 404, 422, 503),
)
def download_call(
    call_id: CallId,
    request: Request,
    format: DownloadFormat = DownloadFormat.OPUS,  # noqa: A002
) -> Response:
    """The audio as a file to keep, as archived or as 16-bit WAV."""
    raise NotImplementedError
