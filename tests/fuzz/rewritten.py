"""A call file as the spool keeps it: what is written is what is read."""

from pydantic import TypeAdapter

from recorder.spool.callfile import CallFile

_CALL_FILES = TypeAdapter(CallFile)


def rewritten(file: CallFile) -> CallFile:
    """The file, written and read again; its call must be the same, with seconds to the millisecond."""
    again = _CALL_FILES.validate_json(_CALL_FILES.dump_json(file, by_alias=True))
    assert again.call.model_dump_json() == file.call.model_dump_json()
    return again
