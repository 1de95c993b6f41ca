"""What a person meant by a setting that is not one, and where it stands."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from earwitness.wrong_values import nearest, worded

_OF_A_UNION = frozenset({"union_tag_invalid", "union_tag_not_found"})


def explain(error: ValidationError, model: type[BaseModel], origins: Mapping[str, str]) -> str:
    """One line for each thing that is wrong, with the origin of the value and the nearest right name."""
    return "\n".join(_line(detail, model, origins) for detail in error.errors())


def _line(detail: Any, model: type[BaseModel], origins: Mapping[str, str]) -> str:
    location: tuple[int | str, ...] = detail["loc"]
    kinds: list[str] = []
    if detail["type"] in _OF_A_UNION:
        kinds = [tag for each in _models_at(model, location) for tag in _tags(each)]
        location = (*location, "kind")
    name = _dotted(location, model) or "settings"
    place = _place(name, location, origins)
    if detail["type"] == "extra_forbidden":
        near = _meant(location, model)
        return f"There is no setting {name}{place}" + (f"; did you mean {near}?" if near else ".")
    words = worded(detail, kinds)
    return f"{name}{place}: {words}{'' if words.endswith('?') else '.'}"


def _place(name: str, location: tuple[int | str, ...], origins: Mapping[str, str]) -> str:
    """Where the value came from: of several tables of one name, which of them, as people count."""
    origin = next((where for key, where in origins.items() if _within(name, key) or _within(key, name)), "")
    table = location[1] if len(location) > 2 else None
    which = f", [[{location[0]}]] number {table + 1}" if isinstance(table, int) else ""
    return f" (from {origin}{which})" if origin else ""


def _within(name: str, outer: str) -> bool:
    return name == outer or name.startswith(f"{outer}.")


def _dotted(location: Iterable[int | str], model: type[BaseModel]) -> str:
    """The location as a person writes it: without the tag of a union."""
    return ".".join(str(step) for step, is_tag, _ in _walk(model, location) if not is_tag)


def _meant(location: tuple[int | str, ...], model: type[BaseModel]) -> str | None:
    *path, wrong = location
    near = nearest(str(wrong), [name for each in _models_at(model, path) for name in each.model_fields])
    if near is not None:
        return _dotted((*path, near), model)
    by_leaf = {dotted.rpartition(".")[2]: dotted for dotted in _all_names(model)}
    if not path:
        return by_leaf.get(nearest(str(wrong), by_leaf) or "")
    return None if any(isinstance(step, int) for step in path) else by_leaf.get(str(wrong))


def _models_at(model: type[BaseModel], path: Iterable[int | str]) -> list[type[BaseModel]]:
    """The tables that may stand at ``path``: several where a tag has to tell which."""
    steps = list(_walk(model, path))
    return steps[-1][2] if steps else [model]


def _walk(
    model: type[BaseModel], path: Iterable[int | str]
) -> Iterator[tuple[int | str, bool, list[type[BaseModel]]]]:
    """Each step of ``path``, whether it is the tag of a union, and the tables that may stand there."""
    here: list[type[BaseModel]] = [model]
    for step in path:
        tagged = [each for each in here if step in _tags(each)] if len(here) > 1 else []
        if tagged:
            here = tagged
        elif not isinstance(step, int):
            here = [below for each in here for below in _models(_annotation(each, step))]
        yield step, bool(tagged), here


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
