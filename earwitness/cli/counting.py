"""Numbers of things, for people."""


def counted(number: int, one: str, many: str) -> str:
    """``number`` with what it counts: ``one`` is what is said of a single one."""
    return f"{number:,} {one if number == 1 else many}"
