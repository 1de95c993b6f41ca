"""The command itself: its list of commands, and what happens when one fails."""

from importlib.metadata import version
from typing import Annotated

import typer

from earwitness.cli import (
    agent,
    backup,
    bench,
    browse,
    decrypt,
    demo,
    doctor,
    erase,
    hold,
    keys,
    migrate,
    play,
    reindex,
    replay,
    restore,
    retention,
    scrub,
    search,
    serve,
    simulate,
    target,
    user,
    verify,
)
from earwitness.cli.faults import Flags, report
from earwitness.logs import configure
from earwitness.settings import LoggingSettings

app = typer.Typer(
    name="earwitness",
    help="Records every call, keeps the recordings safe, and lets people find, hear and judge them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
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
    # What the rooms log while a command runs goes to standard error; ``serve`` sets up its own.
    configure(LoggingSettings(level="warning", format="plain"), "command")


app.command("demo")(demo.demo)
app.command("serve")(serve.serve)
app.command("simulate")(simulate.simulate)
app.command("replay")(replay.replay)
app.command("search")(search.search)
app.command("backup")(backup.backup)
app.command("reindex")(reindex.reindex)
app.command("play")(play.play)
app.command("browse")(browse.browse)
app.command("verify")(verify.verify)
app.add_typer(keys.app, name="keys")
app.command("decrypt")(decrypt.decrypt)
app.add_typer(user.app, name="user")
app.add_typer(agent.app, name="agent")
app.add_typer(target.app, name="target")
app.command("restore")(restore.restore)
app.command("migrate")(migrate.migrate)
app.add_typer(hold.app, name="hold")
app.add_typer(retention.app, name="retention")
app.add_typer(erase.app, name="erase")
app.command("scrub")(scrub.scrub)
app.command("doctor")(doctor.doctor)
app.command("bench")(bench.bench)


def main() -> None:
    """Run the command line; exits 0 when done, 1 when something failed, 2 on wrong usage."""
    flags = Flags()
    try:
        app(obj=flags)
    except Exception as error:
        if flags.debug:
            raise
        raise SystemExit(report(error)) from None
