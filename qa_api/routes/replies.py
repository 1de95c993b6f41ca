"""The error answers of routes, for the OpenAPI document."""

from typing import Any

from qa_api.schemas.problem import Problem


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route: problem+json for each status."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": _TITLES[status], "content": content} for status in statuses}


_TITLES = {
    400: "The request is malformed",
    401: "Nobody is signed in",
    403: "Not permitted, or a reason is required",
    404: "No such thing, or not within reach",
    406: "Not in this form",
    409: "Not in this state",
    413: "Too large",
    416: "The range lies outside the audio",
    422: "A value is wrong",
    429: "Too many attempts",
    503: "A part is unwell",
}

COMPONENT = {"Problem": Problem.model_json_schema(ref_template="#/components/schemas/{model}")}
