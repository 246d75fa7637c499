"""The command line: the table of commands, each loaded when it is used, and the exit codes of errors."""

import os
import sys
import warnings
from importlib import import_module
from io import StringIO
from typing import NamedTuple

import click

from brentwatch.commands import process
from brentwatch.commands.memory import is_out_of_memory
from brentwatch.commands.options import Group
from brentwatch.core.errors import BrentwatchError, CannotFold, InvalidInput, SettingsError, Unavailable
from brentwatch.settings.origins import Sources
from brentwatch.web.secrets import hide_credentials


class Entry(NamedTuple):
    """The place of a command, and its line of help, which is shown without loading it."""

    path: str
    help: str


COMMANDS = {
    "demo": Entry(
        "brentwatch.commands.demo:command",
        "Show an alert, a quiet week and the cost of false alarms; no Kafka needed.",
    ),
    "replay": Entry(
        "brentwatch.commands.replay:command", "Play a recorded history through the monitor; no Kafka needed."
    ),
    "chart": Entry(
        "brentwatch.commands.chart:command", "Draw a session of a history: its move and its normal range."
    ),
    "calibrate": Entry(
        "brentwatch.commands.calibrate.command:command",
        "Measure how often each model is wrong when nothing happens.",
    ),
    "record": Entry(
        "brentwatch.commands.record.subcommands:command",
        "Write every forecast and what came of it to a file; score and verify it.",
    ),
    "backtest": Entry(
        "brentwatch.commands.backtest.running:command",
        "Say what alert policies would have done on a history; table, CSV, JSON or chart.",
    ),
    "study": Entry(
        "brentwatch.commands.study.command:command",
        "Test what the price did after your own events; table, CSV, JSON or HTML.",
    ),
    "history": Entry(
        "brentwatch.commands.history.group:command", "Build a history from feeds and prices, or check one."
    ),
    "run": Entry("brentwatch.commands.run:command", "Run one or several services, supervised."),
    "events": Entry(
        "brentwatch.commands.events:command", "List the events of a history, or of the timeline."
    ),
    "feed": Entry("brentwatch.commands.feed:command", "Play a history into the topics of an installation."),
    "ingest": Entry(
        "brentwatch.commands.ingest:command",
        "Show why reports of GDELT are used or left out; sample reports to label.",
    ),
    "topics": Entry("brentwatch.commands.topics:command", "Create, back up and restore the topics."),
    "alerts": Entry(
        "brentwatch.commands.alerts.looking:command",
        "List, acknowledge and silence alerts; test a channel; export deliveries.",
    ),
    "dead": Entry("brentwatch.commands.dead.group:command", "Show dead letters, replay or accept them."),
    "dashboards": Entry(
        "brentwatch.commands.dashboards:command", "Build, check and preview the Grafana dashboards."
    ),
    "doctor": Entry(
        "brentwatch.commands.doctor.examining:command",
        "Check an installation, and report what to fix first.",
    ),
    "config": Entry(
        "brentwatch.commands.config:command",
        "Show the settings and their origins, or write a settings file.",
    ),
}

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

EXIT_CODES: dict[type[BrentwatchError], process.ExitCode] = {
    SettingsError: process.ExitCode.SETTINGS,
    Unavailable: process.ExitCode.UNREACHABLE,
    InvalidInput: process.ExitCode.REFUSED,
    CannotFold: process.ExitCode.INTERNAL,
}


class LazyGroup(Group):
    """The commands of the table, imported one at a time."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].path.partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first word names; the error of an unknown word gives the closest name."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            raise click.UsageError(_describe_unknown_command(args[0]), ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands in the help, from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in COMMANDS.items()])


def _describe_unknown_command(name: str) -> str:
    from difflib import get_close_matches

    closest = [f"did you mean {match}?" for match in get_close_matches(name, COMMANDS, n=1)]
    advice = [*closest, "see `brentwatch --help`"][0]
    return f"{name!r} is not a command; expected one of {', '.join(COMMANDS)}: {advice}"


def _print_version(context: click.Context, _: click.Parameter, is_given: bool) -> None:
    if is_given:
        from brentwatch import __version__

        click.echo(f"brentwatch {__version__}")
        context.exit()


@click.group("brentwatch", cls=LazyGroup, context_settings=CONTEXT)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version and exit.",
)
def brentwatch() -> None:
    """Watch unrest, and report whether Brent crude moved abnormally after it.

    Try: brentwatch demo

    Exit codes: 0 ok, 1 failed, 2 usage, 3 settings, 4 nothing matched, 5 partial, 6 dependency unreachable,
    7 data refused, 70 internal error or hung, 128 + n stopped by signal n (SIGINT 130, SIGTERM 143).
    """


def main(arguments: list[str] | None = None) -> int:
    """Run one command line.

    Args:
        arguments: the words after the name of the program, by default those of this process.

    Returns:
        The exit code. Errors are reported on standard error in sentences.
    """
    process.prepare()
    if arguments is None and not sys.warnoptions:  # warnings of libraries are for developers
        warnings.simplefilter("ignore")
    try:
        return _convert_to_exit_code(_run(arguments))
    except BrentwatchError as error:
        return _report(error)
    except click.ClickException as error:
        return _report_usage(error)
    except (KeyboardInterrupt, click.Abort):
        return process.ExitCode.INTERRUPTED
    except ModuleNotFoundError as error:
        return _report_missing(error)
    except BrokenPipeError:  # the reader has closed the pipe, as `head` does: there is nothing to report
        process.discard(sys.stdout)
        return process.ExitCode.FAILED
    except OSError as error:
        return _report_failed_io(error)
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        return _tell_memory()


def _run(arguments: list[str] | None) -> object:
    colour = False if os.environ.get("NO_COLOR") else None
    result = brentwatch.main(
        args=arguments, prog_name="brentwatch", standalone_mode=False, obj=_build_sources(), color=colour
    )
    sys.stdout.flush()
    return result


def _build_sources() -> Sources:
    """Warnings about the settings go to standard error, each once."""
    said: set[str] = set()

    def warn(sentence: str) -> None:
        if sentence not in said:
            said.add(sentence)
            process.say(f"brentwatch: {sentence}")

    return Sources(warn=warn)


def _convert_to_exit_code(result: object) -> int:
    """A command returns its exit code, or nothing when all is well."""
    return int(result) if isinstance(result, int) else process.ExitCode.OK


def _report(error: BrentwatchError) -> int:
    for line in str(error).splitlines():
        process.say(f"brentwatch: {hide_credentials(line)}")
    codes = (code for kind, code in EXIT_CODES.items() if isinstance(error, kind))
    return next(codes, process.ExitCode.FAILED)


def _report_missing(error: ModuleNotFoundError) -> int:
    """A library that is not installed. A missing module of our own is a fault of brentwatch."""
    library = (error.name or "").partition(".")[0]
    if library in {"", "brentwatch"}:
        raise error
    process.say(
        f"brentwatch: this command needs the library {library}, which cannot be imported ({error}); expected "
        "every library that brentwatch requires; run pip install brentwatch again"
    )
    return process.ExitCode.SETTINGS


def _report_usage(error: click.ClickException) -> int:
    """The error as click shows it, without the passwords of the command line."""
    shown = StringIO()
    error.show(shown)
    process.say(hide_credentials(shown.getvalue().rstrip("\n")))
    return error.exit_code


def _report_failed_io(error: OSError) -> int:
    """The error of a file names it; an error without a name is about the output of this command."""
    why = error.strerror or error
    if error.filename is None:
        sentence = f"the output cannot be written: {why}; free space there, or write the output elsewhere"
    else:
        sentence = f"{error.filename} cannot be read or written: {why}; correct the path or its permissions"
    process.say(f"brentwatch: {hide_credentials(sentence)}")
    process.discard(sys.stdout)
    return process.ExitCode.FAILED


def _tell_memory() -> int:
    process.say(
        "brentwatch: not enough memory to continue; raise the limit of this process (ulimit -v) or of its "
        "container, or configure fewer instruments; the saved state is unchanged"
    )
    return process.ExitCode.INTERNAL
