"""The command itself: its list of commands, and what happens when one fails."""

import gc
from typing import Annotated

import typer

from earwitness.cli.faults import Flags, report
from earwitness.cli.listing import listing

SUMMARIES = {
    "demo": "Start a living call centre on this machine: simulated packets, recorded as real ones are.",
    "serve": "Record, archive and serve until stopped: one process for each part, restarted when it crashes.",
    "simulate": "Simulate a call centre into a pcap file, onto an interface, or into the recorder (--data).",
    "replay": "Record the calls in a capture file, as if they had passed by; one line a conversation.",
    "search": "Find calls.",
    "backup": "Copy calls to other targets now, whatever their schedules say.",
    "reindex": "Make the search index anew from the catalogue.",
    "play": "Play one call, or write its audio.",
    "browse": "List, search and play the calls of a medium that stands alone.",
    "verify": "Check calls against their seals.",
    "decrypt": "Hear a call that could not be opened or decoded, with its keys or codecs, and archive it.",
    "restore": "Make catalogue, keys of calls, index and audio anew from one target.",
    "migrate": "Move the catalogue of this data folder to PostgreSQL: every row, compared at the end.",
    "scrub": "Read stored copies back and repair what is damaged or missing.",
    "doctor": "Say what is wrong with this host, and which settings are in force and where they come from.",
    "bench": "Measure speed; prints ratios, which mean the same on every machine.",
    "keys": "The keys that recordings are encrypted with.",
    "user": "Who may sign in.",
    "agent": "Who is behind which extension.",
    "target": "The places where calls are kept.",
    "hold": "Legal holds: what they cover is never deleted.",
    "retention": "How long calls are kept.",
    "erase": "Erase calls before their time: it takes two people.",
}
"""All commands in the order in which they are shown, each with the text that its own help begins with."""

app = typer.Typer(
    name="earwitness",
    cls=listing(SUMMARIES),
    help="Records every call, keeps the recordings safe, and lets people find, hear and judge them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"earwitness {version('earwitness')}")
        raise typer.Exit


@app.callback()
def common(
    context: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show the whole traceback of an error.")] = False,
    _: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Options before the name of the command."""
    context.ensure_object(Flags).debug = debug
    from earwitness.logs import configure

    # What the rooms log while a command runs goes to standard error; ``serve`` sets up its own.
    configure("warning", "plain", "command")


def main() -> None:
    """Run the command line; exits 0 when done, 1 when something failed, 2 on wrong usage."""
    flags = Flags()
    try:
        app(obj=flags)
    except Exception as error:
        if flags.debug:
            raise
        raise SystemExit(report(error)) from None
    finally:
        # All memory goes back at once. To look for garbage in it first takes a fifth of a short command.
        gc.freeze()
