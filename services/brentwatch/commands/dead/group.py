"""`brentwatch dead`: looks at the dead letters, sends them back, and accepts them."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from brentwatch.commands.dead.void import void
from brentwatch.commands.options import Group, parse_time
from brentwatch.commands.process import ExitCode, say
from brentwatch.core.errors import InvalidInput
from brentwatch.settings.origins import Sources
from brentwatch.stream.dead_letters.topic import DeadTopic, Letter

if TYPE_CHECKING:
    from brentwatch.commands.dead.sending import Sent
    from brentwatch.settings.composed import Settings

OFFSET = click.IntRange(min=0)


@click.group("dead", cls=Group)
def command() -> None:
    """List messages that could not be read, replay them, and mark them as seen.

    A dead letter is identified by its offset on the dead-letter topic.
    """


@command.command("list")
@click.option("--since", callback=parse_time, metavar="TIME", help="Only letters written then or later; UTC.")
@click.option("--reason", metavar="WORD", help="Only letters with this reason, such as schema.")
@click.option("--all", "every", is_flag=True, help="Also accepted letters.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.pass_obj
def list_letters(
    sources: Sources, since: datetime | None, reason: str | None, every: bool, form: str
) -> None:
    """List the letters that are not accepted, and count them by reason.

    A screen that stopped at its dead-letter limit is reported below them (with --json on standard error).
    """
    from brentwatch.commands.dead.words import (
        build_table,
        describe_waiting,
        format_objects,
        summarise_letters,
    )
    from brentwatch.stream.dead_letters.reading import read_dead_topic

    settings = _load_settings(sources)
    topic = read_dead_topic(settings.kafka)
    letters = [
        letter
        for letter in (topic.letters.values() if every else topic.list_waiting())
        if reason in (None, letter.reason) and _is_since(letter, since)
    ]
    if form == "json":
        _print(format_objects(letters, topic))
    else:
        if letters:
            from brentwatch.message.tables import measure_terminal, print_table

            print_table(build_table(letters, topic), measure_terminal())
        click.echo(summarise_letters(letters) if every else f"not accepted: {summarise_letters(letters)}")
    for line in describe_waiting(topic, settings.screen.dead_letter_limit.action):
        click.echo(line, err=form == "json")


def _is_since(letter: Letter, since: datetime | None) -> bool:
    return since is None or letter.written_at is None or letter.written_at >= since


@command.command("show")
@click.argument("offset", type=OFFSET)
@click.option(
    "--raw", is_flag=True, help="Only the body, byte for byte, for example to correct it in a file."
)
@click.pass_obj
def show(sources: Sources, offset: int, raw: bool) -> int:
    """Show the letter at OFFSET: reason, headers, and its body as text, or in hex if it is not UTF-8.

    Exits with 4 if there is no letter at OFFSET.
    """
    from brentwatch.commands.dead.words import describe_letter
    from brentwatch.stream.dead_letters.reading import read_letters

    letter = next(iter(list(read_letters(_load_settings(sources).kafka, {offset}))), None)
    if letter is None:
        say(f"dead: offset {offset} holds no dead letter; `brentwatch dead list --all` lists them")
        return ExitCode.NOTHING_MATCHED
    if raw:
        click.echo(letter.value, nl=False)
    else:
        _print(describe_letter(letter))
    return ExitCode.OK


@command.command("replay")
@click.argument("offsets", nargs=-1, type=OFFSET, metavar="[OFFSET]...")
@click.option("--reason", metavar="WORD", help="All letters with this reason that were never replayed.")
@click.option("--all", "every", is_flag=True, help="All letters that were never replayed.")
@click.option("--body", metavar="FILE", help="Send this body instead of that of the letter; - is stdin.")
@click.option("--force", is_flag=True, help="Also letters that were replayed five times already.")
@click.option("--dry-run", is_flag=True, help="Show what would be sent; send nothing.")
@click.option("--yes", is_flag=True, help="Send without asking; required without a terminal.")
@click.pass_obj
def replay(
    sources: Sources,
    *,
    offsets: tuple[int, ...],
    reason: str | None,
    every: bool,
    body: str | None,
    force: bool,
    dry_run: bool,
    yes: bool,
) -> int:
    """Send letters again to unrest.events, with their key, their headers and a header that counts attempts.

    The command shows each letter and asks before it sends, because letters can be forged.

    A letter that was truncated or has no body needs --body. Letters from other topics are refused, because
    they would change the order of the timeline. Exits with 5 if some letters were refused, with 7 if all
    were, and with 4 if none matched.
    """
    from brentwatch.commands.dead.sending import Chosen, find_unsent, send
    from brentwatch.stream.clients.producer import Producer

    if (bool(offsets), reason is not None, every).count(True) != 1:
        raise click.UsageError("expected exactly one of OFFSETs, --reason and --all: choose the letters")
    if body is not None and len(set(offsets)) != 1:
        raise click.UsageError("--body was given; expected exactly one OFFSET with it")
    content = None if body is None else _read_body(body)
    kafka = _load_settings(sources).kafka
    chosen = Chosen(set(offsets or find_unsent(kafka, reason)), content, force)
    sent = send(kafka, chosen, None, click.echo)
    code = _report_refused(sent)
    if sent.letters and not dry_run and _ask_to_send(sent.letters, yes):
        with closing(Producer(kafka)) as producer:
            send(kafka, chosen, producer, click.echo)
    return code


def _report_refused(sent: Sent) -> ExitCode:
    """The report on letters that cannot be replayed, and the exit code."""
    from brentwatch.message.foreign import clean

    refused = [clean(line) for line in sent.refused]
    if refused and not sent.letters:
        raise InvalidInput(*refused)
    for line in refused:
        say(f"dead: {line}")
    if not sent.letters:
        say("dead: no letter matched; `brentwatch dead list --all` lists all letters")
        return ExitCode.NOTHING_MATCHED
    return ExitCode.PARTIAL if refused else ExitCode.OK


def _ask_to_send(letters: int, yes: bool) -> bool:
    """Whether the operator, who has seen what would be sent, wants it sent."""
    if yes:
        return True
    number = "1 letter" if letters == 1 else f"{letters} letters"
    if not sys.stdin.isatty():
        raise click.UsageError(f"{number} would be sent; nothing was sent: check them, then add --yes")
    if click.confirm(f"Send {number}?", err=True):
        return True
    say("dead: nothing was sent")
    return False


@command.command("accept")
@click.option(
    "--through", type=OFFSET, metavar="OFFSET", help="The last letter to accept (default: the newest)."
)
@click.pass_obj
def accept(sources: Sources, through: int | None) -> None:
    """Mark the letters as seen, and reset the dead-letter limit.

    A screen that is degraded because of dead letters recovers. With screen.dead_letter_limit.action =
    "stop", a screen that stopped at its limit continues (with --through only if that is the newest letter).
    An accepted letter stays on the topic and can still be replayed.
    """
    from brentwatch.commands.dead.words import describe_waiting, summarise_letters
    from brentwatch.stream import DEAD_NOTES
    from brentwatch.stream.clients.producer import Producer
    from brentwatch.stream.dead_letters.notes import build_accepted_note
    from brentwatch.stream.dead_letters.reading import read_dead_topic

    settings = _load_settings(sources)
    kafka, action = settings.kafka, settings.screen.dead_letter_limit.action
    topic = read_dead_topic(kafka)
    last = topic.end - 1 if through is None else through
    _check_last(topic, last)
    seen = [letter for letter in topic.list_waiting() if letter.offset <= last]
    limits = topic.notes_end - 1 if last == topic.end - 1 else -1
    waits = topic.reached.values() if action == "stop" else ()
    held = [note.group for note in waits if note.offset <= limits]
    if not seen and not held:
        click.echo("no letters to accept")
        return
    with closing(Producer(kafka)) as producer:
        producer.send([build_accepted_note(kafka.topic(DEAD_NOTES), last, limits)])
    click.echo(f"accepted through offset {last}: {summarise_letters(seen)}")
    _print(f"{group} continues" for group in dict.fromkeys(held))
    topic.reached = {offset: note for offset, note in topic.reached.items() if offset > limits}
    _print(describe_waiting(topic, action))


def _check_last(topic: DeadTopic, last: int) -> None:
    if last >= topic.end > 0:
        raise InvalidInput(
            f"--through is {last}; the dead-letter topic ends at offset {topic.end - 1}: give an offset of "
            "`brentwatch dead list`"
        )


def _load_settings(sources: Sources) -> Settings:
    """The settings, with the way to a broker that has the topics.

    Raises:
        SettingsError: if it lacks one.
        Unavailable: if it does not answer.
    """
    from brentwatch.settings.load import load
    from brentwatch.stream import DEAD, DEAD_NOTES, EVENTS, CommandLine, load_topics, verify_topics
    from brentwatch.stream.clients.admin import Admin

    settings = load(sources).settings
    every = load_topics(settings.kafka, [instrument.partition for instrument in settings.list_instruments()])
    with closing(Admin(settings.kafka)) as admin:
        wanted = [every[name] for name in (EVENTS, DEAD, DEAD_NOTES)]
        verify_topics(wanted, admin, CommandLine(("dead",), sources.redact_arguments()))
    return settings


def _read_body(path: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise InvalidInput(
            f"the body {path} cannot be read: {error.strerror}; expected a file: correct the path"
        ) from error


command.add_command(void)


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)
