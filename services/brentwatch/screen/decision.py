"""Decides about one message: admitted to the timeline, filtered out, or a dead letter. Without I/O.

Its results are Structs, as in `stream.records`, because there may be 100,000 a second.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from msgspec import Struct

from brentwatch.core import domain
from brentwatch.screen.settings import EVERYBODY
from brentwatch.stream import HISTORY, Headers
from brentwatch.wire.cloudevents import decode_message
from brentwatch.wire.event_document import UnrestEventDocument
from brentwatch.wire.input_faults import InvalidMessage
from brentwatch.wire.unrest_event import convert_to_core, judge_document


@dataclass(frozen=True, slots=True)
class ScreenRules:
    """The data of the screen: exposure by country, oil assets, and the minimum for each feed.

    The relevance filter does not apply to events of the sources `own`, and to events of a history from the
    sources `histories`. Events of an unknown source must reach `other_relevance`. Corroborated reports of the
    feeds in `minimum_relevance` need only `corroborated_relevance` if that is lower.
    """

    exposure: domain.ExposureTable
    minimum_exposure: Mapping[str, float]
    assets: tuple[domain.Asset, ...] = ()
    minimum_relevance: Mapping[str, float] = field(default_factory=dict)
    own: frozenset[str] = frozenset({EVERYBODY})
    histories: frozenset[str] = frozenset({EVERYBODY})
    other_relevance: float = 0.0
    corroborated_relevance: float = 1.0


class Admitted(Struct, frozen=True):
    """The event goes to the timeline, with its whole document."""

    signal: domain.EventAdmitted
    document: UnrestEventDocument


class Filtered(Struct, frozen=True):
    """The event is valid but filtered out: the `measured` value is below the `minimum` of its feed.

    `setting` is the key of the minimum.
    """

    document: UnrestEventDocument
    measured: domain.Exposure | domain.Relevance
    minimum: float
    setting: str

    @property
    def reason(self) -> str:
        """The reason, in a sentence; made on request, since most events of a feed may end here."""
        match self.measured:
            case domain.Exposure() as exposure:
                was = f"exposure {exposure.weight:.3f} of {exposure.country}"
            case domain.Relevance() as found:
                was = str(found)
        feed = _read_feed(self.document) or "(none named)"
        return f"{was} is below {self.minimum:.3f}, the value of {self.setting} for feed {feed}"

    @property
    def is_of_a_stranger(self) -> bool:
        """True if its source is not in the settings."""
        return self.setting == OTHERS


@dataclass(frozen=True, slots=True)
class Dead:
    """The message cannot be read; `error` says why."""

    error: InvalidMessage


OTHERS = "screen.sources.other_relevance"
_EXPOSURE, _RELEVANCE = "screen.minimum_exposure", "screen.minimum_relevance"

Decision = Admitted | Filtered | Dead


def screen(value: bytes | None, headers: Headers, rules: ScreenRules) -> Decision:
    """Decide about the message with that value and those headers.

    Unknown exposure is not low exposure. Events of a recorded history are not filtered by relevance if their
    source may send one. A retraction always passes, since the event may have been admitted under other rules.
    """
    try:
        document = decode_message(value, headers)
    except InvalidMessage as error:
        return Dead(error)
    countries = (document.country, *document.extra_countries)
    exposure, nearness = domain.find_exposure_at(
        countries, _read_town(document), rules.exposure, rules.assets
    )
    is_of_a_history = _is_of_a_history(document, headers, rules)
    standing = judge_document(document, is_own=is_of_a_history or _is_among(document, rules.own))
    if document.status is not domain.Status.RETRACT:
        filtered = _filter_by_exposure(document, exposure, rules)
        if filtered is None and not is_of_a_history:
            filtered = _filter_by_relevance(document, exposure, standing, rules)
        if filtered is not None:
            return filtered
    weight = None if exposure is None else exposure.weight
    signal = domain.EventAdmitted(
        event=convert_to_core(document),
        exposure=exposure,
        nearness=nearness,
        standing=standing,
        measured_relevance=domain.weigh_relevance(document.event_class, weight, nearness),
    )
    return Admitted(signal, document)


def _filter_by_exposure(
    document: UnrestEventDocument, exposure: domain.Exposure | None, rules: ScreenRules
) -> Filtered | None:
    minimum = rules.minimum_exposure.get(_read_feed(document), 0.0)
    below = exposure is not None and exposure.weight < minimum
    return Filtered(document, exposure, minimum, _EXPOSURE) if exposure is not None and below else None


def _filter_by_relevance(
    document: UnrestEventDocument,
    exposure: domain.Exposure | None,
    standing: domain.Standing,
    rules: ScreenRules,
) -> Filtered | None:
    minimum, setting = _find_minimum(document, rules)
    if setting == _RELEVANCE and standing is domain.Standing.CORROBORATED:
        minimum = min(minimum, rules.corroborated_relevance)
    if minimum == 0:
        return None
    weight = None if exposure is None else exposure.weight
    found = domain.compute_relevance(document.event_class, weight, _read_town(document), rules.assets)
    return Filtered(document, found, minimum, setting) if found.weight < minimum else None


def _find_minimum(document: UnrestEventDocument, rules: ScreenRules) -> tuple[float, str]:
    """The relevance that an event must reach, and the setting of it."""
    if (minimum := rules.minimum_relevance.get(_read_feed(document))) is not None:
        return minimum, _RELEVANCE
    return (0.0, _RELEVANCE) if _is_among(document, rules.own) else (rules.other_relevance, OTHERS)


def _is_of_a_history(document: UnrestEventDocument, headers: Headers, rules: ScreenRules) -> bool:
    return any(name == HISTORY for name, _ in headers) and _is_among(document, rules.histories)


def _is_among(document: UnrestEventDocument, sources: frozenset[str]) -> bool:
    """True if the feed of an event, or the source of its envelope, is one of these."""
    names = {EVERYBODY, _read_feed(document)}
    if document.cloudevent is not None:
        names.add(document.cloudevent.source)
    return not sources.isdisjoint(names)


def _read_town(document: UnrestEventDocument) -> domain.Place:
    return document.location.town if document.location else None


def _read_feed(document: UnrestEventDocument) -> str:
    return document.provenance.feed if document.provenance else ""
