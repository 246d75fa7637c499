"""`brentwatch alerts export`: the audit record as chained lines, and the check of such a file."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from brentwatch.commands.options import Command, parse_time
from brentwatch.commands.process import say
from brentwatch.core.errors import InvalidInput
from brentwatch.settings.origins import Sources

if TYPE_CHECKING:
    from brentwatch.wire.hash_chain import HashChain


@click.command("export", cls=Command, short_help="Export the audit record: what was sent and answered.")
@click.option("--from", "begin", callback=parse_time, metavar="TIME", help="Start, included; UTC.")
@click.option("--to", "end", callback=parse_time, metavar="TIME", help="End, not included; UTC.")
@click.option("--out", default="-", metavar="FILE", help="A new file [default: standard output].")
@click.option("--verify", metavar="FILE", help="Check an exported file; - is standard input.")
@click.pass_obj
def export(
    sources: Sources, begin: datetime | None, end: datetime | None, out: str, verify: str | None
) -> None:
    """Export what was sent, to which channel, when, and who answered: one JSON object a line.

    The lines are records of impact.deliveries. Each holds the hash of the line before, so --verify finds a
    line that was changed, removed or added. Store the last hash elsewhere: it proves that no line is missing
    at the end. A broken chain exits with code 7.
    """
    if verify is not None:
        if begin or end or out != "-":
            raise click.UsageError(
                "--verify cannot be combined with --from, --to or --out; expected it alone"
            )
        verify_file(verify)
        return
    if begin is None or end is None or begin >= end:
        raise click.UsageError("expected --from TIME and a later --to TIME, or --verify FILE")
    _export(sources, begin, end, out)


def _export(sources: Sources, begin: datetime, end: datetime, out: str) -> None:
    from brentwatch.commands.alerts.notifier import open_deliveries
    from brentwatch.history.regular_files import write_parts
    from brentwatch.notify.audit import export_records
    from brentwatch.stream import read_since
    from brentwatch.wire.hash_chain import HashChain

    if out != "-" and Path(out).exists():
        raise InvalidInput(f"{out} exists; expected the name of a new file: choose another name")
    kafka, deliveries = open_deliveries(sources)
    chain = HashChain()
    with closing(read_since(kafka, deliveries, begin)) as records:
        lines = export_records(records, end, chain)
        if out == "-":
            for line in lines:
                click.echo(line, nl=False)
        else:
            write_parts(Path(out), lines)
    say(f"alerts: exported {_summarise(chain)}")


def verify_file(path: str) -> None:
    """Print that the chain of a file is intact.

    Raises:
        InvalidInput: if it does not, or the file cannot be read.
    """
    from brentwatch.wire.hash_chain import read_lines, verify_lines

    with _open(path) as file:
        chain = verify_lines(read_lines(file))
    click.echo(f"the chain is intact: {_summarise(chain)}")


@contextmanager
def _open(path: str) -> Iterator[BinaryIO]:
    if path == "-":
        yield sys.stdin.buffer
        return
    try:
        with open(path, "rb") as file:
            yield file
    except OSError as error:
        raise InvalidInput(
            f"{path} cannot be read: {error.strerror}; expected a file of `brentwatch alerts export`: "
            "correct the path or its permissions"
        ) from error


def _summarise(chain: HashChain) -> str:
    number = "1 record" if chain.lines == 1 else f"{chain.lines:,} records"
    return f"{number}, last hash {chain.last}"
