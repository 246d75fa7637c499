"""Whatever arrives on a topic that is read, no service stops below its limit, and good records come out."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from tests.kafka.folds import fold
from tests.kafka.patience import await_true
from tests.kafka.programs import create_topics, member
from tests.kafka.tools import committed, copied, read, values, write
from tests.notify.alerts import alert, settlement_test
from tests.screen.messages import GOOD, message
from tests.wire.mutations import mutations, with_strangers

from brentwatch.core.domain import Alert, Range
from brentwatch.core.errors import InvalidInput
from brentwatch.history.folder import find_history
from brentwatch.stream import ALERTS, DEAD, EVENTS, STUDIES, TIMELINE, Outgoing
from brentwatch.stream.dead_letters.topic import Letter, parse_letter
from brentwatch.wire import json_schemas
from brentwatch.wire.cloudevents import decode_message
from brentwatch.wire.published import decode_alert, encode_alert
from brentwatch.wire.timeline import decode_signal, encode_signal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from brentwatch.stream import Headers, KafkaSettings

pytestmark = pytest.mark.kafka

T = TypeVar("T")
TIMELINE_DOCUMENTS = [json.loads(text) for text in json_schemas.read_examples("timeline.v1").values()]
HEADERS: tuple[Headers, ...] = (
    (),
    (),
    (("content-type", b"application/cloudevents+json; charset=UTF-8"),),
    (("content-type", b"application/cloudevents-batch+json"),),
    (("content-type", b"\xff\x00"), ("attempt", b"\xff")),
    (("ce_specversion", b"1.0"), ("ce_id", b"1"), ("ce_source", b"s"), ("ce_type", b"t")),
    (("ce_specversion", b"\xff"), ("accepted", b"99999"), ("limit", b"x")),
    (("", b""),),
)
CAUGHT: tuple[bytes | None, ...] = (
    None,
    b"",
    b"null",
    b"[]",
    b"{}",
    b'""',
    b"NaN",
    b"\xef\xbb\xbf{}",
    b"[" * 60_000,
    b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    b'{"revision": ' + b"9" * 10_000 + b"}",
    b'{"a": 1e999999}',
    b'"\\ud800"',
    b"\x00" * 1_000_000,
)
"""What has stopped one reader or another."""


def seeded(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - the same each time is what is wanted


def garbage(dice: random.Random, *documents: dict[str, Any]) -> Iterator[bytes | None]:
    """Random bytes, documents with something wrong in them, and documents with bytes thrown about."""
    yield from CAUGHT
    for _ in range(150):
        yield dice.randbytes(dice.choice([1, 10, 100, 5_000]))
    changed = [json.dumps(each).encode() for each in mutations(*documents)]
    yield from dice.sample(changed, min(400, len(changed)))
    for document in documents:
        yield json.dumps(with_strangers(document)).encode()
    for _ in range(250):
        yield scrambled(dice, json.dumps(dice.choice(documents)).encode())


def scrambled(dice: random.Random, document: bytes) -> bytes:
    """A document with some bytes replaced, cut out, doubled, or its end missing."""
    changed = bytearray(document)
    for _ in range(dice.randint(1, 4)):
        place = dice.randrange(len(changed))
        match dice.randrange(4):
            case 0:
                changed[place] = dice.randrange(256)
            case 1:
                del changed[place : place + dice.randint(1, 20)]
            case 2:
                changed[place:place] = changed[place : place + dice.randint(1, 20)]
            case _:
                del changed[max(1, place) :]
        changed = changed or bytearray(b"{")
    return bytes(changed)


def readable(read_one: Callable[..., T], *given: object) -> list[T]:
    """What is read, as a list of one; empty where it cannot be."""
    try:
        return [read_one(*given)]
    except InvalidInput:
        return []


def arriving(topic: str, value: bytes | None, key: bytes | None = None, headers: Headers = ()) -> Outgoing:
    """What a stranger writes; one without a value we never write ourselves, and it needs a key."""
    key = b"k" if key is value is None else key
    return Outgoing(topic=topic, key=key, value=value, headers=headers)


def letters(settings: KafkaSettings) -> int:
    return sum(isinstance(parse_letter(record), Letter) for record in read(settings, settings.topic(DEAD)))


def test_the_screen_goes_on_whatever_arrives(settings: KafkaSettings) -> None:
    create_topics(settings)
    dice, topic = seeded(1), settings.topic(EVENTS)
    rubbish = [(value, dice.choice(HEADERS)) for value in garbage(dice, GOOD)]
    good = [message(event_id=f"desk:good-{number}") for number in range(100)]
    sent = mixed(
        dice,
        [arriving(topic, value, b"KAZ") for value in good],
        [arriving(topic, value, dice.choice([None, b"KAZ", b"\xff"]), headers) for value, headers in rubbish],
    )
    write(settings, *sent)
    with member(settings, "screen") as running:
        group = settings.group("screen")
        await_true(lambda: sum(committed(settings, group).values()) == len(sent), "all is answered")
        assert running.poll() is None
    ids = [record.key or b"" for record in read(settings, settings.topic(TIMELINE))]
    assert [each for each in ids if each.startswith(b"desk:good-")] == [
        f"desk:good-{number}".encode() for number in range(len(good))
    ]
    admitted = sum(len(readable(decode_message, *each)) for each in rubbish)
    assert len(ids) == len(good) + admitted
    assert letters(settings) == len(rubbish) - admitted


@pytest.mark.parametrize("seed", [2, 4], ids=["whatever arrives", "where only rubbish is strange"])
def test_the_monitor_goes_on_and_publishes_what_can_be_read(settings: KafkaSettings, seed: int) -> None:
    create_topics(settings)
    dice, topic = seeded(seed), settings.topic(TIMELINE)
    signals = find_history("abqaiq-2019").signals
    rubbish = [each for each in garbage(dice, *TIMELINE_DOCUMENTS) if seed == 2 or not is_signal(each)]
    good = [arriving(topic, encode_signal(signal)) for signal in signals]
    sent = mixed(dice, good, [arriving(topic, value) for value in rubbish])
    write(settings, *sent)
    with member(settings, "monitor") as running:
        group = settings.group("monitor")
        await_true(lambda: committed(settings, group) == {0: len(sent)}, "all is answered")
        assert running.poll() is None
    read_in = [signal for each in sent for signal in readable(decode_signal, each.value or b"")]
    expected = fold(read_in)
    assert values(settings, settings.topic(STUDIES)) == expected.studies
    assert values(settings, settings.topic(ALERTS)) == expected.alerts
    assert letters(settings) == len(sent) - len(read_in)
    assert len(expected.studies) > 0
    assert (seed == 2) == (len(read_in) > len(signals))


def is_signal(value: bytes | None) -> bool:
    return bool(readable(decode_signal, value or b""))


def test_the_notifier_goes_on_and_sends_what_can_be_read(settings: KafkaSettings, tmp_path: Path) -> None:
    create_topics(settings)
    dice, topic, path = seeded(3), settings.topic(ALERTS), tmp_path / "alerts.jsonl"
    rubbish = [arriving(topic, value) for value in garbage(dice, json.loads(encode_alert(alert())))]
    normal = [Range(-0.04, 0.04 + number / 1000) for number in range(20)]
    tests = [settlement_test(normal=each) for each in normal]
    good = [alert(alert_id="good", revision=at + 1, tests=(each,)) for at, each in enumerate(tests)]
    sent = mixed(dice, [arriving(topic, encode_alert(each)) for each in good], rubbish)

    def read_good() -> list[Alert]:
        received = [decode_alert(line).alert for line in path.read_bytes().splitlines()]
        return [each for each in received if each.alert_id == "good"]

    words = ("--set", "notify.channels=jsonl", "--set", f"notify.jsonl.path={path}")
    with member(settings, "notify", *words, "--set", "notify.jsonl.per_minute=6000") as running:
        await_true(lambda: copied(settings), "the notifier has begun")
        write(settings, *sent)
        await_true(lambda: copied(settings) == {0: len(sent)}, "all is answered")
        await_true(lambda: len(read_good()) == len(good), "all is sent")
        assert running.poll() is None
    assert read_good() == good
    assert letters(settings) == sum(not readable(decode_alert, each.value or b"") for each in sent)


def mixed(dice: random.Random, good: list[Outgoing], rubbish: list[Outgoing]) -> list[Outgoing]:
    """The good in its order, with the rubbish anywhere in between, also in its order."""
    turns = [True] * len(good) + [False] * len(rubbish)
    dice.shuffle(turns)
    ones, others = iter(good), iter(rubbish)
    return [next(ones if turn else others) for turn in turns]
