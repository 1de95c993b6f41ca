"""Text from the wire that is kept and shown."""


def clean(text: str) -> str:
    """Without what cannot be stored or shown: bytes that are no UTF-8 are replaced, control characters go."""
    whole = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return whole if whole.isprintable() else "".join(filter(str.isprintable, whole))
