"""What a person meant by a setting that is not one."""

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that looks most like ``name``, if any looks like it."""
    found = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return found[0] if found else None


def explain(error: ValidationError, model: type[BaseModel], origins: Mapping[str, str]) -> str:
    """One line for each thing that is wrong, with the origin of the value and the nearest right name."""
    return "\n".join(_line(detail, model, origins) for detail in error.errors())


def _line(detail: Any, model: type[BaseModel], origins: Mapping[str, str]) -> str:
    location: tuple[int | str, ...] = detail["loc"]
    name = _dotted(location) or "settings"
    origin = _origin(name, origins)
    place = f" (from {origin})" if origin else ""
    if detail["type"] == "extra_forbidden":
        near = _meant(location, model)
        return f"There is no setting {name}{place}" + (f"; did you mean {near}?" if near else ".")
    message = str(detail["msg"]).removeprefix("Value error, ").removesuffix(".")
    return f"{name}{place}: {message[0].lower()}{message[1:]}."


def _origin(name: str, origins: Mapping[str, str]) -> str:
    return next((where for key, where in origins.items() if _within(name, key) or _within(key, name)), "")


def _within(name: str, outer: str) -> bool:
    return name == outer or name.startswith(f"{outer}.")


def _dotted(location: Sequence[int | str]) -> str:
    """The location as a person writes it: without the tag that follows the index of a list."""
    last = len(location) - 1
    tags = {at for at in range(1, last) if isinstance(location[at - 1], int)}
    return ".".join(str(step) for at, step in enumerate(location) if at not in tags)


def _meant(location: tuple[int | str, ...], model: type[BaseModel]) -> str | None:
    *path, wrong = location
    fields = _fields_at(model, path)
    near = nearest(str(wrong), fields)
    if near is not None:
        return _dotted((*path, near))
    by_leaf = {dotted.rpartition(".")[2]: dotted for dotted in _all_names(model)}
    if not path:
        return by_leaf.get(nearest(str(wrong), by_leaf) or "")
    return by_leaf.get(str(wrong))


def _fields_at(model: type[BaseModel], path: Iterable[int | str]) -> list[str]:
    """Names allowed at ``path``; a list index is skipped, a tag of a union chooses its member."""
    here: list[type[BaseModel]] = [model]
    for step in path:
        if isinstance(step, int):
            continue
        tagged = [each for each in here if step in _tags(each)]
        here = tagged or [below for each in here for below in _models(_annotation(each, step))]
    return [name for each in here for name in each.model_fields]


def _annotation(model: type[BaseModel], name: str) -> Any:
    field = model.model_fields.get(name)
    return field.annotation if field else None


def _tags(model: type[BaseModel]) -> tuple[Any, ...]:
    return get_args(_annotation(model, "kind"))


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


def _all_names(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        below = list(_models(field.annotation))
        if len(below) == 1:
            yield from _all_names(below[0], f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"
