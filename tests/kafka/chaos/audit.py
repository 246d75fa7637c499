"""The verdict on the notifier: receivers, the record of deliveries, its fold and the metrics must agree."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from prometheus_client.parser import text_string_to_metric_families

from brentwatch.notify import values
from brentwatch.notify.fold import step
from brentwatch.notify.stages import Skip
from brentwatch.notify.values import ENDS, Pending, Totals, View
from brentwatch.stream import Partition, find_write_time, read_partition
from brentwatch.stream.topics import DELIVERIES, DELIVERIES_STATE
from brentwatch.wire.deliveries import AlertRecord, AttemptOutcome, AttemptRecord, decode_delivery_record
from brentwatch.wire.published import decode_alert

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.kafka.chaos.desks import Desk

    from brentwatch.notify.stages import Policies
    from brentwatch.stream import KafkaSettings, Record
    from brentwatch.wire.deliveries import DeliveryRecord

Identity = tuple[str, int]
"""An alert id and a revision."""

_ROOT = re.compile(r"\d+:\d+")
_ALERT = re.compile(r"(?P<channel>[a-z]+):(?P<alert>[^:]+):(?P<revision>\d+)")


@dataclass(slots=True)
class Audit:
    """The topic of deliveries, folded anew by the pure fold."""

    values: values.Values = field(default_factory=values.create_values)
    alerts: Counter[Identity] = field(default_factory=Counter)
    deliveries: dict[str, Pending] = field(default_factory=dict)
    accepted: Counter[str] = field(default_factory=Counter)

    @property
    def totals(self) -> Totals:
        """All counts."""
        known: Totals = self.values["totals"].get("", Totals())
        return known

    def take(self, record: DeliveryRecord, at: datetime, policies: Policies) -> None:
        """Step over one record."""
        view = View(self.values)
        step(view, policies, record, at)
        values.apply_changes(self.values, view.changes)
        for (_, name), value in view.changes.items():
            if isinstance(value, Pending):
                self.deliveries[name] = value
        if isinstance(record, AlertRecord):
            alert = decode_alert(bytes(record.alert)).alert
            self.alerts[alert.alert_id, alert.revision] += 1
        if isinstance(record, AttemptRecord) and record.outcome is AttemptOutcome.ACCEPTED:
            self.accepted[record.delivery] += 1


def refold(kafka: KafkaSettings, policies: Policies) -> Audit:
    """Fold the topic of deliveries from its first record."""
    audit = Audit()
    for record in _read(kafka, DELIVERIES):
        at = datetime.fromtimestamp(find_write_time(record) / 1000.0, UTC)
        audit.take(decode_delivery_record(record.value or b""), at, policies)
    return audit


def _read(kafka: KafkaSettings, topic: str) -> Iterator[Record]:
    return read_partition(kafka, Partition(kafka.topic(topic), 0))


def read_state(kafka: KafkaSettings) -> values.Values:
    """What the notifier keeps."""
    kept = dict[bytes, bytes]()
    for record in _read(kafka, DELIVERIES_STATE):
        if record.value is None:
            kept.pop(record.key or b"", None)
        else:
            kept[record.key or b""] = record.value
    return values.decode_values(kept)


def _encode(state: values.Values) -> dict[bytes, bytes]:
    return {
        values.encode_key(section, name): values.encode_value(value)
        for section, named in state.items()
        for name, value in named.items()
    }


@dataclass(slots=True, kw_only=True)
class NotifierVerdict:
    """What was found; the notifier holds what it promises where `faults` is empty.

    `copies` are messages that people got a second time, `most_copies` how many there may be; `share` is that
    of the copies in all messages. `ends` says by channel how the recorded deliveries ended.
    """

    alerts: int
    kills: int
    resets: int
    requests: int
    messages: int
    copies: Mapping[str, int]
    most_copies: int
    share: float
    recorded: Mapping[str, int]
    ends: Mapping[str, Mapping[str, int]]
    suppressed: Mapping[str, int]
    faults: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """True where nothing is wrong."""
        return not self.faults

    def document(self) -> dict[str, Any]:
        """As JSON wants it."""
        return {"holds": self.holds, **asdict(self)}


def judge_notifier(
    kafka: KafkaSettings,
    policies: Policies,
    published: frozenset[Identity],
    desks: Mapping[str, Desk],
    kills: int,
    metrics: str,
) -> NotifierVerdict:
    """Read what stands in the topics, and compare everything with everything."""
    audit, state = refold(kafka, policies), read_state(kafka)
    return compare_all(audit, state, published, desks, kills, metrics)


def compare_all(
    audit: Audit,
    state: values.Values,
    published: frozenset[Identity],
    desks: Mapping[str, Desk],
    kills: int,
    metrics: str,
) -> NotifierVerdict:
    """The verdict on what was read: the state, what the receivers got, and the metrics as text."""
    totals = audit.totals
    copies = {name: _count_copies(audit, name, desk) for name, desk in desks.items()}
    resets = sum(desk.resets for desk in desks.values())
    messages = sum(desk.got.total() for desk in desks.values())
    verdict = NotifierVerdict(
        alerts=len(published),
        kills=kills,
        resets=resets,
        requests=sum(desk.requests for desk in desks.values()),
        messages=messages,
        copies=copies,
        most_copies=len(desks) * kills + resets,
        share=round(sum(copies.values()) / max(1, messages), 5),
        recorded=totals.recorded,
        ends=totals.ended,
        suppressed=totals.suppressed,
    )
    verdict.faults += _find_lost(audit, published)
    verdict.faults += _find_dropped(audit, len(published), len(desks))
    for name, desk in desks.items():
        verdict.faults += _find_faults_of(audit, name, desk)
        if not 0 <= copies[name] <= kills + desk.resets:
            verdict.faults.append(f"{name} got {copies[name]} copies")
    verdict.faults += _compare_state(audit, state)
    verdict.faults += _compare_metrics(totals, metrics)
    return verdict


def _find_lost(audit: Audit, published: frozenset[Identity]) -> Iterator[str]:
    if lost := published - audit.alerts.keys():
        yield f"{len(lost)} alerts are not recorded: {sorted(lost)[:5]}"
    for section in ("delivery", "held", "silence"):
        if left := audit.values[section]:
            yield f"{len(left)} values are left in {section}: {list(left)[:5]}"


def _find_dropped(audit: Audit, alerts: int, channels: int) -> Iterator[str]:
    """Each revision is delivered to a channel, held back for a digest, or left out for a counted reason."""
    totals = audit.totals
    delivered = sum(_ALERT.fullmatch(name) is not None for name in audit.deliveries)
    digested = sum(ended.get("digested", 0) for ended in totals.ended.values())
    left_out = sum(count for reason, count in totals.suppressed.items() if reason != Skip.REPEAT)
    if delivered + digested + left_out != alerts * channels:
        yield (
            f"{alerts} alerts to {channels} channels: {delivered} deliveries, {digested} digested and "
            f"{left_out} left out"
        )


def _find_faults_of(audit: Audit, channel: str, desk: Desk) -> Iterator[str]:
    totals = audit.totals
    ended = totals.ended.get(channel, {})
    if totals.recorded.get(channel, 0) != sum(ended.values()):
        yield f"{channel}: {totals.recorded.get(channel)} deliveries are recorded, and {ended} ended"
    if ended.get("failed"):
        yield f"{channel}: {ended['failed']} deliveries failed"
    accepted = [name for name in audit.accepted if name.startswith(f"{channel}:")]
    if len(accepted) != ended.get("accepted", 0):
        yield f"{channel}: {len(accepted)} were accepted, and {ended.get('accepted')} ended so"
    got = {*desk.got, *desk.edits}
    if lost := [name for name in accepted if (mark := _mark_of(name)) and mark not in got]:
        yield f"{channel}: {len(lost)} accepted deliveries never came: {lost[:5]}"


def _mark_of(name: str) -> str:
    """How a desk calls the alert of a delivery; empty for a notice."""
    match = _ALERT.fullmatch(name)
    return f"{int(match['alert'])}:{match['revision']}" if match else ""


def _count_copies(audit: Audit, channel: str, desk: Desk) -> int:
    """Messages beyond the first of each accepted delivery; an edit that is made twice is none."""
    accepted = [name for name in audit.accepted if name.startswith(f"{channel}:")]
    if channel != "slack":
        return desk.got.total() - len(accepted)
    roots = [said for said in desk.got.elements() if _ROOT.fullmatch(said)]
    posts = Counter({said: count for said, count in desk.got.items() if said.startswith("post ")})
    notices = desk.got.total() - len(roots) - posts.total()
    accepted_notices = sum(not re.match(r"slack:\d", name) for name in accepted)
    threads = {said.partition(":")[0] for said in roots}
    return len(roots) - len(threads) + posts.total() - len(posts) + notices - accepted_notices


def _compare_state(audit: Audit, state: values.Values) -> Iterator[str]:
    folded, kept = _encode(audit.values), _encode(state)
    wrong = [key for key in folded.keys() | kept.keys() if folded.get(key) != kept.get(key)]
    if wrong:
        yield f"the state differs from the refolded one in {len(wrong)} values: {sorted(wrong)[:5]}"


def _compare_metrics(totals: Totals, text: str) -> Iterator[str]:
    shown = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    for channel, recorded in totals.recorded.items():
        ended = totals.ended.get(channel, {})
        wanted = {end: ended.get(end, 0) for end in ENDS} | {"pending": recorded - sum(ended.values())}
        for state, count in wanted.items():
            labels = [("channel", channel), ("state", state)]
            if (found := shown.get(("brentwatch_deliveries", *labels))) != count:
                yield f"the metric of {state} deliveries to {channel} is {found}, expected {count}"
        copies = shown.get(("brentwatch_delivery_copies", ("channel", channel)))
        if copies != totals.copies.get(channel, 0):
            yield f"the metric of copies to {channel} is {copies}"
