"""What becomes of one message: admitted to the timeline, filtered, or dead. A function, without I/O.

What it gives a hundred thousand times a second is a Struct, as in `stream.records`.
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
from brentwatch.wire.unrest_event import convert_to_core


@dataclass(frozen=True, slots=True)
class ScreenRules:
    """What the screen knows: exposure by country and oil assets, and the least that it admits from a feed.

    Events of a history from the sources `histories`, and those of the sources `own`, are not tested for
    relevance; those of a source that is not known must reach `other_relevance`.
    """

    exposure: domain.ExposureTable
    minimum_exposure: Mapping[str, float]
    assets: tuple[domain.Asset, ...] = ()
    minimum_relevance: Mapping[str, float] = field(default_factory=dict)
    own: frozenset[str] = frozenset({EVERYBODY})
    histories: frozenset[str] = frozenset({EVERYBODY})
    other_relevance: float = 0.0


class Admitted(Struct, frozen=True):
    """The event goes to the timeline, with the whole document it came in."""

    signal: domain.EventAdmitted
    document: UnrestEventDocument


class Filtered(Struct, frozen=True):
    """The event can be read and is not wanted: what was `measured` is below the `minimum` of its feed.

    `setting` is the key that asks for it.
    """

    document: UnrestEventDocument
    measured: domain.Exposure | domain.Relevance
    minimum: float
    setting: str

    @property
    def reason(self) -> str:
        """Why, in a sentence; made when somebody asks, since most events of a feed may end here."""
        match self.measured:
            case domain.Exposure() as exposure:
                was = f"exposure {exposure.weight:.3f} of {exposure.country}"
            case domain.Relevance() as found:
                was = str(found)
        feed = _read_feed(self.document) or "(none named)"
        return f"{was} is below the {self.minimum:.3f} that {self.setting} asks of feed {feed}"

    @property
    def is_of_a_stranger(self) -> bool:
        """True where the settings do not know its source."""
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

    Unknown exposure is not low exposure. A history is studied whole: what one plays is not filtered by
    relevance, where its source may play one. A retraction always passes: what it takes back may have been
    admitted under other rules.
    """
    try:
        document = decode_message(value, headers)
    except InvalidMessage as error:
        return Dead(error)
    exposure = domain.find_highest_exposure((document.country, *document.extra_countries), rules.exposure)
    if document.status is not domain.Status.RETRACT:
        filtered = _filter_by_exposure(document, exposure, rules)
        if filtered is None and not _is_of_a_history(document, headers, rules):
            filtered = _filter_by_relevance(document, exposure, rules)
        if filtered is not None:
            return filtered
    nearness, _ = domain.find_nearest_asset(_read_town(document), rules.assets)
    signal = domain.EventAdmitted(event=convert_to_core(document), exposure=exposure, nearness=nearness)
    return Admitted(signal, document)


def _filter_by_exposure(
    document: UnrestEventDocument, exposure: domain.Exposure | None, rules: ScreenRules
) -> Filtered | None:
    minimum = rules.minimum_exposure.get(_read_feed(document), 0.0)
    below = exposure is not None and exposure.weight < minimum
    return Filtered(document, exposure, minimum, _EXPOSURE) if exposure is not None and below else None


def _filter_by_relevance(
    document: UnrestEventDocument, exposure: domain.Exposure | None, rules: ScreenRules
) -> Filtered | None:
    minimum, setting = _find_minimum(document, rules)
    if minimum == 0:
        return None
    weight = None if exposure is None else exposure.weight
    found = domain.compute_relevance(document.event_class, weight, _read_town(document), rules.assets)
    return Filtered(document, found, minimum, setting) if found.weight < minimum else None


def _find_minimum(document: UnrestEventDocument, rules: ScreenRules) -> tuple[float, str]:
    """The relevance that an event must reach, and the setting that says so."""
    if (minimum := rules.minimum_relevance.get(_read_feed(document))) is not None:
        return minimum, _RELEVANCE
    return (0.0, _RELEVANCE) if _is_among(document, rules.own) else (rules.other_relevance, OTHERS)


def _is_of_a_history(document: UnrestEventDocument, headers: Headers, rules: ScreenRules) -> bool:
    return any(name == HISTORY for name, _ in headers) and _is_among(document, rules.histories)


def _is_among(document: UnrestEventDocument, sources: frozenset[str]) -> bool:
    """True where the feed of an event, or the source of its envelope, is one of these."""
    names = {EVERYBODY, _read_feed(document)}
    if document.cloudevent is not None:
        names.add(document.cloudevent.source)
    return not sources.isdisjoint(names)


def _read_town(document: UnrestEventDocument) -> domain.Place:
    return document.location.town if document.location else None


def _read_feed(document: UnrestEventDocument) -> str:
    return document.provenance.feed if document.provenance else ""
