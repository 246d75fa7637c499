"""What readers need around them, and the seeds: small inputs that are right, of our own making."""

from __future__ import annotations

import base64
import gzip
import io
import json
import tempfile
from contextlib import redirect_stdout
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

import pyarrow
from kafka import TopicPartition
from kafka.record.memory_records import MemoryRecords, MemoryRecordsBuilder
from pyarrow import parquet
from tests.history.folders import MANIFEST
from tests.history.tables.variants import xlsx
from tests.ingest.feeds import acled_stub, ucdp_stub
from tests.ingest.feeds.gdelt_stub import row, zipped
from tests.notify.alerts import message
from tests.replay.records import record_history

from brentwatch.commands.alerts.describing import describe_record
from brentwatch.commands.backtest.policy_files import read_policies
from brentwatch.commands.dead.sending import preview_letter
from brentwatch.commands.dead.words import build_table, describe_letter, describe_waiting, format_objects
from brentwatch.commands.printer import format_json_line
from brentwatch.commands.record.contents import gather_contents
from brentwatch.commands.record.scoring import build_object
from brentwatch.commands.record.sections import build_sections, write_markdown
from brentwatch.core.backtest.policy import AlertPolicy
from brentwatch.core.domain import BRENT_FRONT, BRENT_SPOT, PriceUpdate, rebase_prices
from brentwatch.core.errors import InvalidInput
from brentwatch.core.monitor.machine import create_state
from brentwatch.core.monitor.state_values import assemble_state, take_snapshot
from brentwatch.history import event_files, intraday_files, manifest, prices, series_files
from brentwatch.history import intraday_calibration as own_calibration
from brentwatch.history.bundled import load_exposure, load_oil_assets
from brentwatch.history.folder import find_history
from brentwatch.history.label_files import parse_labels
from brentwatch.history.override_files import read_overrides as overrides_of
from brentwatch.history.rules import build_rules
from brentwatch.history.series_files import Columns
from brentwatch.history.tables import reading as tables
from brentwatch.history.tables import text_files
from brentwatch.ingest.feeds import acled_rows, gdelt_lists, gdelt_rows, ucdp
from brentwatch.ingest.feeds.answers import decode_object, read_rows
from brentwatch.ingest.feeds.file import WatchedFiles
from brentwatch.ingest.feeds.gdelt_files import unpack_rows
from brentwatch.ingest.feeds.settings import FileFeedSettings
from brentwatch.ingest.gdelt_words.vocabulary import load_vocabulary
from brentwatch.message.alert_text import compose_text
from brentwatch.message.folding import fold
from brentwatch.message.tables import print_table
from brentwatch.notify import slack_api
from brentwatch.notify.answers.listener import People
from brentwatch.notify.answers.slack import SlackListener
from brentwatch.notify.answers.telegram import TelegramListener
from brentwatch.notify.audit import export_records
from brentwatch.notify.channels.terminal import Terminal
from brentwatch.notify.http_receiver import read_field
from brentwatch.screen.decision import Admitted, ScreenRules, screen
from brentwatch.settings.load import load
from brentwatch.settings.origins import Sources
from brentwatch.stream import Outgoing, Partition, Record
from brentwatch.stream.clients.consumer import PartitionRecords
from brentwatch.stream.dead_letters.topic import DeadTopic, Letter, parse_letter
from brentwatch.stream.records import build_dead_letter
from brentwatch.web.failures import Backoff
from brentwatch.web.fetching import Reply
from brentwatch.wire import json_schemas
from brentwatch.wire.canaries import decode_canary
from brentwatch.wire.cloudevents import decode_message
from brentwatch.wire.decoding import decode_json
from brentwatch.wire.deliveries import decode_delivery_record
from brentwatch.wire.hash_chain import HashChain, read_lines, verify_lines
from brentwatch.wire.input_faults import Faults
from brentwatch.wire.published import decode_alert, encode_alert
from brentwatch.wire.record_copy import decode_copies
from brentwatch.wire.record_line import read_record, read_record_lines
from brentwatch.wire.state import decode_saved, encode_saved
from brentwatch.wire.timeline import decode_signal, encode_signal
from brentwatch.wire.unrest_event import decode_event

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from brentwatch.core.domain import Signal
    from brentwatch.core.monitor.state import State
    from brentwatch.core.sessions.calendar import HasHours

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
ORIGIN, DEAD = Partition("unrest.events", 7), Partition("unrest.events.dead", 0)
STRUCTURED = [("content-type", b"application/cloudevents+json; charset=UTF-8")]
BINARY = [(f"ce_{name}", b"1.0") for name in ("specversion", "id", "source", "type")]


def examples(schema: str) -> tuple[bytes, ...]:
    """The documents that stand beside a schema as its examples."""
    return tuple(json_schemas.read_examples(schema).values())


def _enveloped(event: bytes) -> tuple[bytes, ...]:
    around = {"specversion": "1.0", "id": "1", "source": "/desk", "type": "t", "time": "2022-01-05T10:10:00Z"}
    as_text, encoded = event.decode(), base64.b64encode(event).decode()
    told: tuple[dict[str, Any], ...] = (
        {"data": json.loads(event)},
        {"data": as_text},
        {"data_base64": encoded},
    )
    return tuple(json.dumps(around | each).encode() for each in told)


ENVELOPES = tuple(each for event in examples("unrest_event.v1")[:2] for each in _enveloped(event))
EVENTS = [decode_event(each) for each in examples("unrest_event.v1")]
JSONL = (b"\n".join(each.replace(b"\n", b"") for each in examples("unrest_event.v1")),)
EVENTS_CSV = (
    b"event_id,date,known_at,country,event_class,place,fatalities,lat,lon,summary\n"
    b'a-1,2022-01-04,2022-01-04T18:00:00Z,KAZ,riot,Almaty,3,43.2,76.9,"clashes, at night"\n'
    b"a-2,2022-01-05,2022-01-05T10:10:00Z,KAZ,state_of_emergency,,,,,\n",
)
PRICES = (
    b"date,usd_per_bbl\n2022-01-03,78.25\n2022-01-04,79.39\n2022-01-05,80.6\n2022-01-06,81.99\n",
    b"date,usd_per_bbl,known_at\n2020-04-20,-36.98,2020-04-20T18:00:00Z\n2020-04-21,9.12,2020-04-21T18:00:00Z\n",
)
BARS = (
    b"opens_at,usd_per_bbl,open,volume\n2022-01-02T23:00Z,78.10,78.00,12\n2022-01-02T23:05:00Z,78.20,,\n"
    b"2022-01-04T00:10:00+01:00,78.40,78.35,0\n",
)
OVERRIDES = (b"session,opens,closes\n2024-12-24,,19:00\n2022-09-19,closed,\n2024-12-31,02:00,20:00\n",)
MANIFESTS = (MANIFEST.encode(),)
TOML = (
    b'[kafka]\nbootstrap = "127.0.0.1:9092"\ntopic_prefix = "a."\nrequest_timeout_seconds = 5\n'
    b'[screen.minimum_exposure]\ngdelt = 0.3\n[instruments.brent-spot]\ntitle = "Brent"\nalert_level = 0.01\n'
    b'[notify]\nchannels = ["terminal"]\n[telemetry.ports]\nscreen = 0\n',
)
ANSWERS = (b'{"status": 200, "count": 2, "data": [{"event_id_cnty": "KAZ1", "iso": 398}, {"a": null}]}',)
GDELT = (
    *(row(number, country=code).encode() for number, code in ((1, "KZ"), (2, "IZ"))),
    row(3, code="010", url="https://example.org/?title=explosion%20at-refinery-in-libya").encode(),
)


@cache
def folder() -> Path:
    """A place for the inputs of readers that open a path."""
    return Path(tempfile.mkdtemp(prefix="fuzz-"))


def written(name: str, data: bytes) -> Path:
    """A file with that content."""
    path = folder() / name
    path.write_bytes(data)
    return path


def study_events(name: str) -> Callable[[bytes], object]:
    """Events to be studied, in a file of that name."""
    return partial(event_files.read_study_events, name)


def read_series(data: bytes) -> object:
    """Prices to be studied."""
    return series_files.read_series("p.csv", data, Columns())


def read_answer(data: bytes) -> object:
    """Rows in the JSON that a feed answers with."""
    return read_rows(decode_object(data, "it"), "data", "it")


def read_message(data: bytes) -> object:
    """In all three envelopes, one after the other: what one refuses another may take."""
    for headers in ((), BINARY):
        decode_message(data, headers)
    return decode_message(data, STRUCTURED)


def read_canary(data: bytes) -> object:
    """As the screen reads one that was written when the example was sent."""
    return decode_canary(data, 1_641_376_800_000.0)


def read_structured(data: bytes) -> object:
    """With the header of the binding, or without any, as version 1 of the SDK writes it."""
    return decode_message(data, STRUCTURED if len(data) % 2 else ())


@cache
def _screening() -> ScreenRules:
    feeds = dict.fromkeys(("desk", "gdelt", "file", ""), 0.2)
    return ScreenRules(load_exposure(), feeds, load_oil_assets(), feeds)


def screen_message(data: bytes) -> object:
    """Decided about, and read back as the monitor reads it from the timeline."""
    decision = screen(data, (), _screening())
    if isinstance(decision, Admitted):
        return decode_signal(encode_signal(decision.signal, decision.document))
    return decision


@cache
def _signals() -> tuple[Signal, ...]:
    return find_history("abqaiq-2019").signals


@cache
def _before() -> State:
    """A state with two hundred sessions of prices and an event that waits for the next."""
    state = create_state(build_rules(BRENT_SPOT))
    for signal in _signals()[:-3]:
        state = fold(state, signal).state
    return state


def _records() -> tuple[bytes, ...]:
    """The newest signals of a history: an event, and prices that settle its session."""
    return tuple(map(encode_signal, _signals()[-6:]))


RECORDS = (*_records(), *examples("timeline.v1"))


def fold_record(data: bytes) -> object:
    """Folded; and after it the next true prices, which a record that was let in must never spoil."""
    signal = decode_signal(data)
    folded = fold(_before(), signal)
    following = next(each for each in _signals()[-3:] if isinstance(each, PriceUpdate))
    after = fold(folded.state, following).state
    return take_snapshot(after)


def rewrite_alert(data: bytes) -> object:
    """Read, and written again as the notifier does where price levels may not be shown."""
    return encode_alert(rebase_prices(decode_alert(data).alert))


def show_alert(data: bytes) -> object:
    """Read, shown on a terminal, and written again as a file channel does."""
    published = decode_alert(data)
    text = published.text or compose_text(published.alert)
    Terminal(io.StringIO(), colour=True).send(message(published.alert, text))
    return encode_alert(published.alert, text)


@cache
def _saved() -> Mapping[str, bytes]:
    return {key: encode_saved(value) for key, value in take_snapshot(_before()).items()}


def _some_saved() -> tuple[bytes, ...]:
    """One value of each kind."""
    return tuple({key.partition(":")[0]: value for key, value in _saved().items()}.values())


SAVED = _some_saved()


def _older_saved() -> tuple[bytes, ...]:
    """Values with studies and alerts, as state version 6 kept them."""
    file = Path(__file__).parents[1] / "data" / "state_of_an_older_version.b64"
    lines = gzip.decompress(base64.b64decode(file.read_bytes())).splitlines()
    values = [json.loads(line).get("value", "") for line in lines]
    tagged = [each.encode() for each in values if '"Study"' in each or '"Alert"' in each]
    return tuple(tagged[-6:])


OLDER_SAVED = _older_saved()


def restore_state(data: bytes) -> object:
    """One value in the place of another, and the whole put together."""
    kept = {key: decode_saved(value) for key, value in list(_saved().items())[-40:]}
    kept[list(kept)[len(data) % len(kept)]] = decode_saved(data)
    try:
        return assemble_state(build_rules(BRENT_SPOT), kept)
    except (
        AttributeError,
        TypeError,
        ValueError,
        KeyError,
    ) as error:  # `Monitor.restore` says it in a sentence
        return error


def _deliver(data: bytes) -> Record:
    return Record(partition=Partition("impact.deliveries", 0), offset=len(data), value=data, timestamp=0)


def export_delivery(data: bytes) -> object:
    """A delivery record in the archive, which verifies whatever it holds, and on the screen."""
    lines = list(export_records([_deliver(data)], None, HashChain()))
    assert verify_lines(lines).lines == 1
    assert lines[0].decode().rstrip("\n").isprintable()
    told = describe_record(decode_delivery_record(data))
    assert told.isprintable()
    return told


def verify_archive(data: bytes) -> object:
    """A file of the archive."""
    return verify_lines(read_lines(io.BytesIO(data)))


ARCHIVES = (
    b"".join(export_records(map(_deliver, examples("delivery.v1")), None, HashChain())),
    b"".join(export_records(map(_deliver, (b"{", b"")), None, HashChain())),
)


def read_record_file(data: bytes) -> object:
    """A file of `brentwatch record write`."""
    return list(read_record(io.BytesIO(data), HashChain()))


def score_record(data: bytes) -> object:
    """The scores of a file whose lines somebody changed and chained again; no number stops them."""
    chain, lines = HashChain(), list[bytes]()
    for line in data.splitlines():
        entry = decode_json(line)
        if not isinstance(entry, dict):
            raise InvalidInput("no object")
        try:
            lines.append(chain.add({k: v for k, v in entry.items() if k not in HASHES}).encode() + b"\n")
        except (ValueError, RecursionError) as error:
            raise InvalidInput("no line that can be chained") from error
    found = list(read_record_lines(lines, HashChain()))
    if not found:
        raise InvalidInput("no line")
    contents = gather_contents(found)
    told = [*write_markdown(build_sections(contents)), format_json_line(build_object(contents))]
    assert all(line.isprintable() for line in told)
    return told


HASHES = ("previous", "hash")
RECORDED = (b"".join(record_history()),)


def read_copy(data: bytes) -> object:
    """A file of `brentwatch topics save`."""
    return list(decode_copies("file", io.BytesIO(data)))


COPIES = (
    b'{"kind":"record","partition":0,"offset":7,"time":1700000000000,"key":null,"value":"e30=",'
    b'"headers":[["h","Cg=="]]}\n{"kind":"end","records":1}\n',
)


def read_letter(data: bytes) -> object:
    """The bytes as value, key, and headers of a record of the dead-letter topic, and of a letter about it."""
    names = ("reason", "detail", "topic", "partition", "offset", "truncated", "limit", "accepted", "replayed")
    pieces = [data[start::9][:20_000] for start in range(9)]
    record = Record(
        partition=ORIGIN,
        offset=len(data),
        key=data[:9_000],
        value=data,
        headers=tuple(zip(names[: len(data) % 10], pieces, strict=False)),
        timestamp=int.from_bytes(data[:8], "big", signed=True),
    )
    made = build_dead_letter("dead", record, "schema", data.decode("utf-8", "replace"))
    again = Record(partition=DEAD, offset=1, key=made.key, value=made.value, headers=made.headers)
    topic = DeadTopic()
    topic.take([record, again])
    topic.take_notes([record, again])
    letters = [each for each in (parse_letter(record), parse_letter(again)) if isinstance(each, Letter)]
    assert letters, "a letter of ours must be readable"
    drawn = io.StringIO()
    with redirect_stdout(drawn):
        print_table(build_table(letters, topic), width=100)
    said = [
        *drawn.getvalue().splitlines(),
        *format_objects(letters, topic),
        *describe_waiting(topic, "stop"),
    ]
    for letter in letters:
        sent = Outgoing(topic="events", value=letter.value, headers=letter.headers)
        said.append(preview_letter(letter, sent))
    return [*said, *(line for letter in letters for line in describe_letter(letter))]


def _batch(codec: int) -> bytes:
    builder = MemoryRecordsBuilder(magic=2, compression_type=codec, batch_size=1_000_000)
    for number in range(5):
        builder.append(timestamp=number, key=b"KAZ", value=b"{}" * number, headers=[("ce_id", b"1")])
    builder.close()
    return bytes(builder.buffer())


BATCHES = tuple(map(_batch, (0, 1, 3, 4)))


def read_batch(data: bytes) -> object:
    """As the client parses what a broker sends."""
    return PartitionRecords(
        0, TopicPartition("in", 0), MemoryRecords(data), check_crcs=bool(len(data) % 2)
    ).take(None)


def load_settings(data: bytes) -> object:
    """As every command loads them."""
    return load(Sources(file=str(written("brentwatch.toml", data))))


def read_manifest(data: bytes) -> object:
    return _raised(partial(manifest.read_manifest, data))


def read_prices(data: bytes) -> object:
    def read(faults: Faults) -> object:
        file = prices.read_prices(data, BRENT_SPOT, NOW, faults)
        return (
            None if faults else list(prices.build_price_updates(file.prints, "brent-spot", lambda _: False))
        )

    return _raised(read)


def _raised(read: Callable[[Faults], object]) -> object:
    faults = Faults()
    found = read(faults)
    if faults:
        raise faults.build_error()
    return found


def read_bars(data: bytes) -> object:
    return intraday_files.read_intraday("prices_5m.csv", data, _front_hours())


@cache
def _front_hours() -> HasHours:
    """To make the calendar takes longer than to read a file."""
    return build_rules(BRENT_FRONT).trading_calendar


def read_overrides(data: bytes) -> object:
    return overrides_of(str(written("overrides.csv", data)))


LABELS = (b"event_id,expected\ncatalogue:a,shock\ncatalogue:b,control\nc,unclear\n",)
POLICIES = (
    b'name = "loose"\nalert_level = 0.05\nminimum_severity = "high"\nclasses = ["riot"]\nmost_alerts = 4\n',
    b'class_groups = ["oil supply"]\nminimum_exposure = 0.5\nminimum_standing = "stated"\n'
    b'countries = ["SAU"]\n',
)


def read_labels(data: bytes) -> object:
    return parse_labels(tables.read_table("labels.csv", data, ("event_id", "expected")))


def read_policy(data: bytes) -> object:
    installed = AlertPolicy(name="installed", alert_level=0.01)
    return read_policies([str(written("policy.toml", data))], installed)


OWN_CALIBRATION = (
    b"measure,window,group,at,n,value,error,made_on,series,sessions,first,last\n"
    b"size,15,all,0.01,9000,0.0102,0.001,2026-09-01,brent-front-5m,420,2024-01-02,2026-08-31\n",
)


def read_own_calibration(data: bytes) -> object:
    return own_calibration.read_own_calibration(str(written("own.csv", data)), "brent-front-5m")


def read_workbook(data: bytes) -> object:
    """A sheet of Excel: prices, and the cells as the one reader of tables gives them."""
    return series_files.read_series("p.xlsx", data, Columns())


def read_table(data: bytes) -> object:
    """The one reader of tables, told columns that mark the header."""
    return tables.read_table("t", data, ("date", "event_id", "usd_per_bbl"))


def read_json_lines(data: bytes) -> object:
    """The one reader of JSON lines."""
    return text_files.read_json_lines("t.jsonl", data)


def _xlsx() -> bytes:
    return xlsx([["date", "usd_per_bbl"], ["2022-01-04", 79.39], ["2022-01-05", 80.6]])


def _parquet() -> bytes:
    table = pyarrow.table({"date": ["2022-01-04", "2022-01-05"], "usd_per_bbl": [79.39, 80.6]})
    packed = pyarrow.BufferOutputStream()
    parquet.write_table(table, packed)
    return bytes(packed.getvalue())


TABLES = (*PRICES, *EVENTS_CSV, _xlsx(), _parquet())
ACLED = tuple(json.dumps(acled_stub.row(number)).encode() for number in (1, 2))
UCDP = tuple(json.dumps(ucdp_stub.row(number)).encode() for number in (1, 2))


def read_acled(data: bytes) -> object:
    """A row of an answer, as the feed hands it over."""
    return acled_rows.parse_row(decode_object(data, "ACLED"))


def read_ucdp(data: bytes) -> object:
    """A row of an answer, as the feed hands it over."""
    return ucdp.parse_row(decode_object(data, "UCDP"), date(2026, 8, 1))


def read_gdelt_files(data: bytes) -> object:
    """The list of files, and a packed one."""
    gdelt_lists.read_list([data])
    return unpack_rows(data, "https://example.org/a.zip", 1 << 20)


GDELT_FILES = (
    b"150383 297a16b493de7cf6ca809a7cc31d0b93 http://data.gdeltproject.org/gdeltv2/20240507120000.export.CSV.zip\n",
    zipped("20240507120000.export.CSV", [row(1)]),
)


def read_gdelt(data: bytes) -> object:
    lines = data.decode("utf-8", "replace").split("\n")
    return [gdelt_rows.parse_report(line, 7, words) for line in lines for words in (None, load_vocabulary())]


def poll_file(name: str) -> Callable[[bytes], object]:
    """The file feed on a folder with one file; its clock is ahead of everything."""

    def poll(data: bytes) -> object:
        feed = WatchedFiles(
            FileFeedSettings(path=folder(), mapping={"known_at": "known_at"}), written(name, data)
        )
        return list(feed.poll(NOW + timedelta(days=365)))

    return poll


REPLIES = (
    b'{"ok": true, "channel": "C1", "ts": "1700000000.000001", "message": {"text": "\\"ok\\": false"}}',
    b'{"ok": false, "error": "ratelimited"}',
    b'{"ok": false, "error_code": 429, "description": "Too Many Requests", "parameters": {"retry_after": 5}}',
    b'{"ok": false, "error_code": 400, "description": "Bad Request: message to edit not found"}',
)
"""Of Slack and of Telegram."""


def read_slack(data: bytes) -> object:
    """A reply, and the field by which its message is edited."""
    reply = slack_api.check_reply("chat.postMessage", Reply(200, data))
    return read_field(reply.body, "ts")


UPDATES = (
    b'{"ok":true,"result":[{"update_id":7,"callback_query":{"id":"1","from":{"id":7,"first_name":"Anna"},'
    b'"message":{"message_id":5,"chat":{"id":-1,"type":"group"}},"data":"ack:0123456789abcdef0123"}}]}',
    b'{"ok":true,"result":[{"update_id":8,"message":{"text":"hello"}}]}',
)
PRESSES = (
    b'{"type":"block_actions","user":{"id":"U1","username":"anna"},"channel":{"id":"C1"},'
    b'"actions":[{"action_id":"useful:0123456789abcdef0123","action_ts":"1700000000.000001"}]}',
)


def read_updates(data: bytes) -> object:
    """What people answer by Telegram; nothing is asked."""
    told: list[object] = []
    nothing: Any = None  # nothing is asked
    people, backoff = People("-1", ("nobody",)), Backoff(1.0, 1.0)
    listener = TelegramListener("", nothing, people, nothing, lambda *said: told.append(said), backoff)
    listener.handle_batch(data, Event(), told.append)
    return told


def read_press(data: bytes) -> object:
    """What people answer by Slack."""
    told: list[object] = []
    api: Any = None  # nothing is asked
    listener = SlackListener("", api, People("C1"), lambda *said: told.append(said), Backoff(1.0, 1.0))
    listener.handle_payload(json.loads(data), told.append)
    return told
