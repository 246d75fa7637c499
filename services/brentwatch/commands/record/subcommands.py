"""`brentwatch record`: writes the scored record of an instrument, scores it, and verifies it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import click

from brentwatch.commands.options import Command, Group
from brentwatch.commands.process import ExitCode, say
from brentwatch.settings.origins import Sources

if TYPE_CHECKING:
    from brentwatch.commands.record.sources import RecordSource

Decorated = TypeVar("Decorated", bound=Callable[..., object])


@click.group("record", cls=Group)
def command() -> None:
    """Write every forecast and what came of it to a file, score the forecasts, and verify the file.

    The file has one JSON object a line. Lines are only added; each holds the hash of the line before.
    """


def _source_options(command: Decorated) -> Decorated:
    """The options that say where the signals of a record come from."""
    for option in reversed(
        [
            click.option("--history", metavar="HISTORY", help="A bundled history by its name, or a folder."),
            click.option("--from-kafka", is_flag=True, help="The timeline and the answers on the broker."),
            click.option(
                "--every-session",
                is_flag=True,
                help="With --history: test also the sessions that only feed the estimation.",
            ),
            click.option("--instrument", help="Instrument of the prices [default: from history.toml]."),
        ]
    ):
        command = option(command)
    return command


@command.command("write", cls=Command, short_help="Write a record, or add what is new.")
@click.argument("file")
@_source_options
@click.pass_obj
def write(
    sources: Sources,
    file: str,
    history: str | None,
    *,
    from_kafka: bool,
    every_session: bool,
    instrument: str | None,
) -> None:
    """Write the record of a history, or of the timeline on the broker, to FILE.

    A FILE that exists is checked and continued: only lines that are new are added. It is refused if its chain
    is broken, or if its signals are not the first ones of this source. If a killed process left a part of a
    line at the end, that part is cut off and written again.
    """
    from brentwatch.commands.record.sources import choose_source
    from brentwatch.commands.record.writing import write_record

    source = choose_source(sources, history, instrument, from_kafka=from_kafka, every_session=every_session)
    write_record(file, source)


@command.command("score", cls=Command, short_help="Score the forecasts and alerts of a record.")
@click.argument("file")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with every score.")
@click.option("--csv", "as_csv", is_flag=True, help="Print the scores of the forecasts as CSV.")
@click.pass_obj
def score(sources: Sources, file: str, *, as_json: bool, as_csv: bool) -> int:
    """Score FILE: misses first, then forecasts by year and volatility, then alerts by level.

    Forecasts are compared with those of the textbook (constant-mean) and of a normal GARCH (garch-n), made
    for the same sessions from the same prices. Exits with 4 if no session was tested.
    """
    from brentwatch.commands.record.scoring import print_scores

    if as_json and as_csv:
        raise click.UsageError("expected at most one of --json and --csv; leave one out")
    return print_scores(file, "json" if as_json else "csv" if as_csv else "text")


@command.command("verify", cls=Command, short_help="Check a record, and make its numbers again.")
@click.argument("file")
@_source_options
@click.option("--refit", is_flag=True, help="Make the recorded fits of the bundled prices again.")
@click.pass_obj
def verify(
    sources: Sources,
    file: str,
    history: str | None,
    *,
    from_kafka: bool,
    every_session: bool,
    instrument: str | None,
    refit: bool,
) -> int:
    """Check that no byte of FILE was changed, and make its numbers again from their source.

    Without a source only the chain of hashes and the form of each line are checked. With one, every line is
    made again: p and other probabilities must agree within 0.0001, other numbers within 0.01 %. With
    --from-kafka its alerts must also be those that were published. Exits with 7 if the file was changed, with
    1 if something differs.
    """
    from brentwatch.commands.record.sources import choose_source
    from brentwatch.commands.record.verifying import verify_alerts, verify_chain, verify_numbers

    source: RecordSource | None = None
    if history is not None or from_kafka:
        source = choose_source(
            sources, history, instrument, from_kafka=from_kafka, every_session=every_session, refit=refit
        )
    elif every_session or refit or instrument:
        raise click.UsageError(
            "--every-session, --refit and --instrument need --history or --from-kafka: add one of them"
        )
    lines = verify_chain(file)
    differing = 0 if source is None else verify_numbers(lines, source)
    if source is not None and source.read_alerts is not None:
        differing += verify_alerts(lines, source.read_alerts(), rules_changed=source.closed_after > 0)
    if differing:
        say(f"record: {differing:,} lines differ")
    return ExitCode.FAILED if differing else ExitCode.OK
