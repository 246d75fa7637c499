"""Every reader of something from outside, one line each: what reads, from which seeds, how often it is tried.

A reader gives a value or raises one of `OWN`. To add one, write its line in `READERS`; what it needs around
it stands in `around.py`.
"""

from __future__ import annotations

from tomllib import TOMLDecodeError
from typing import TYPE_CHECKING, NamedTuple

from tests.fuzz import around
from tests.prices import answers

from brentwatch.core.errors import InvalidInput, SettingsError, Unavailable
from brentwatch.history.event_files import read_events
from brentwatch.notify.messages import Rejected
from brentwatch.notify.telegram_api import explain_error
from brentwatch.wire import timeline, unrest_event
from brentwatch.wire.canaries import decode_canary_answer
from brentwatch.wire.decoding import decode_json, decode_toml
from brentwatch.wire.deliveries import decode_delivery_record
from brentwatch.wire.published import decode_alert, decode_study
from brentwatch.wire.state import decode_saved

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

OWN: tuple[type[Exception], ...] = (InvalidInput, SettingsError, Unavailable)
"""What a reader may raise: the input is rejected, the operator must act, or the request is repeated later."""


class Reader(NamedTuple):
    """`weight` is how often it is tried: a fast one 10, one that reads whole files or folds 1."""

    name: str
    read: Callable[[bytes], object]
    seeds: Sequence[bytes]
    weight: int = 10
    own: tuple[type[Exception], ...] = OWN


READERS: tuple[Reader, ...] = (
    # messages
    Reader("unrest event", unrest_event.decode_event, around.examples("unrest_event.v1")),
    Reader("event in any envelope", around.read_message, around.examples("unrest_event.v1")),
    Reader("event in a structured envelope", around.read_structured, around.ENVELOPES),
    Reader("event of a feed, screened", around.screen_message, around.examples("unrest_event.v1")),
    Reader("record of the timeline", timeline.decode_signal, around.examples("timeline.v1")),
    Reader("record of the timeline, folded", around.fold_record, around.RECORDS, weight=1),
    Reader("study", decode_study, around.examples("study.v2")),
    Reader("study of version 1", decode_study, around.examples("study.v1")),
    Reader("alert", decode_alert, around.examples("alert.v2")),
    Reader("alert of version 1", around.rewrite_alert, around.examples("alert.v1")),
    Reader("alert, shown", around.show_alert, around.examples("alert.v2"), weight=5),
    Reader("value of the state", decode_saved, around.SAVED),
    Reader("value of an older state", decode_saved, around.OLDER_SAVED),
    Reader("state, restored", around.restore_state, around.SAVED, weight=2),
    Reader("delivery record", decode_delivery_record, around.examples("delivery.v1")),
    Reader("delivery record, archived", around.export_delivery, around.examples("delivery.v1")),
    Reader("canary", around.read_canary, around.examples("timeline.v1")),
    Reader("answer to a canary", decode_canary_answer, around.examples("canary.v1")),
    Reader("dead letter", around.read_letter, around.examples("unrest_event.v1")),
    Reader("batch of records", around.read_batch, around.BATCHES),
    Reader("JSON", decode_json, around.examples("alert.v2"), weight=5),
    # files
    Reader("archive of alerts", around.verify_archive, around.ARCHIVES, weight=5),
    Reader("record", around.read_record_file, around.RECORDED, weight=5),
    Reader("record, scored", around.score_record, around.RECORDED, weight=2),
    Reader("copy of a topic", around.read_copy, around.COPIES, weight=5),
    Reader("TOML", decode_toml, around.TOML, own=(*OWN, TOMLDecodeError, UnicodeDecodeError)),
    Reader("settings", around.load_settings, around.TOML, weight=1),
    Reader("history.toml", around.read_manifest, around.MANIFESTS),
    Reader("recorded events", read_events, around.JSONL, weight=5),
    Reader("events to be studied, JSONL", around.study_events("e.jsonl"), around.JSONL, weight=5),
    Reader("events to be studied, CSV", around.study_events("e.csv"), around.EVENTS_CSV, weight=5),
    Reader("prices of a history", around.read_prices, around.PRICES, weight=5),
    Reader("prices to be studied", around.read_series, around.PRICES, weight=5),
    Reader("5-minute bars", around.read_bars, around.BARS, weight=3),
    Reader("calendar overrides", around.read_overrides, around.OVERRIDES, weight=2),
    Reader("prior labels", around.read_labels, around.LABELS, weight=2),
    Reader("alert policy", around.read_policy, around.POLICIES, weight=3),
    Reader("own calibration", around.read_own_calibration, around.OWN_CALIBRATION, weight=2),
    Reader("table", around.read_table, around.TABLES, weight=3),
    Reader("JSON lines", around.read_json_lines, around.JSONL, weight=3),
    Reader("prices to be studied, XLSX or Parquet", around.read_workbook, around.TABLES[-2:], weight=2),
    # feeds
    Reader("row of ACLED", around.read_acled, around.ACLED),
    Reader("row of UCDP", around.read_ucdp, around.UCDP),
    Reader("files of GDELT", around.read_gdelt_files, around.GDELT_FILES, weight=5),
    Reader("row of GDELT", around.read_gdelt, around.GDELT),
    Reader("JSON answer of a feed", around.read_answer, around.ANSWERS),
    Reader("file of the file feed, CSV", around.poll_file("e.csv"), around.EVENTS_CSV, weight=1),
    Reader("file of the file feed, JSONL", around.poll_file("e.jsonl"), around.JSONL, weight=1),
    # replies of receivers
    Reader("updates of Telegram", around.read_updates, around.UPDATES, weight=5),
    Reader("press in Slack", around.read_press, around.PRESSES, own=(*OWN, ValueError, RecursionError)),
    Reader("reply of Slack", around.read_slack, around.REPLIES, own=(*OWN, Rejected)),
    Reader("error of Telegram", explain_error, around.REPLIES),
    # prices
    Reader("answer of EIA", answers.read_eia, (answers.RAW["eia"],)),
    Reader("answer of FRED", answers.read_fred, (answers.RAW["fred"],), weight=5),
    Reader("answer of Massive", answers.read_massive, (answers.RAW["massive"],), weight=5),
    Reader("answer of Yahoo", answers.read_yahoo, (answers.RAW["yahoo"],), weight=1),
)  # fmt: skip
