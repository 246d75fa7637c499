"""Each message is admitted, filtered, or dead, by rules that can be read off."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.screen.messages import BAD, message

from brentwatch.core.domain import Asset, AssetKind, Exposure, Standing
from brentwatch.screen.decision import Admitted, Dead, Filtered, ScreenRules, screen
from brentwatch.stream import HISTORY, Headers

TABLE = {
    "KAZ": Exposure(country="KAZ", production_kbd=1800),
    "TJK": Exposure(country="TJK", production_kbd=0.2),
}
ALL = ScreenRules(TABLE, {})
STRICT = ScreenRules(TABLE, {"desk": 0.3})


def test_an_event_is_admitted_with_the_exposure_of_its_weightiest_country() -> None:
    decision = screen(message(country="TJK", extra_countries=["KAZ"]), (), ALL)
    assert isinstance(decision, Admitted)
    assert decision.signal.exposure == TABLE["KAZ"]
    assert decision.signal.event.event_id == decision.document.event_id == "desk:1"


def test_an_event_below_the_minimum_of_its_feed_is_filtered_with_a_sentence() -> None:
    decision = screen(message(country="TJK"), (), STRICT)
    assert isinstance(decision, Filtered)
    assert decision.reason == (
        "exposure 0.001 of TJK is below 0.300, the value of screen.minimum_exposure for feed desk"
    )


def test_an_event_at_the_minimum_passes() -> None:
    at_the_minimum = ScreenRules(TABLE, {"desk": TABLE["TJK"].weight})
    assert isinstance(screen(message(country="TJK"), (), at_the_minimum), Admitted)


@pytest.mark.parametrize(
    "value",
    [
        message(country="KAZ"),
        message(country="XKX"),
        message(country="TJK", provenance={"feed": "other"}),
        message(country="TJK", provenance=None),
        message(country="TJK", status="retract", revision=1),
    ],
    ids=["enough exposure", "unknown exposure", "another feed", "no feed", "retraction"],
)
def test_what_a_minimum_lets_pass(value: bytes) -> None:
    assert isinstance(screen(value, (), STRICT), Admitted)


@pytest.mark.parametrize(("value", "reason"), BAD.values(), ids=BAD)
def test_what_cannot_be_read_is_dead_with_its_reason_and_a_sentence(value: bytes, reason: str) -> None:
    decision = screen(value, (), ALL)
    assert isinstance(decision, Dead)
    assert decision.error.reason == reason
    assert all(fault.count("; ") >= 2 for fault in decision.error.faults), (
        "what was; what was wanted; what to do"
    )


def test_a_message_without_a_value_is_dead() -> None:
    assert isinstance(screen(None, (), ALL), Dead)


def test_every_envelope_is_opened() -> None:
    headers = (("ce_specversion", b"1.0"), ("ce_id", b"1"), ("ce_source", b"/desk"), ("ce_type", b"unrest"))
    decision = screen(message(), headers, ALL)
    assert isinstance(decision, Admitted)
    assert decision.document.cloudevent is not None
    assert decision.document.cloudevent.source == "/desk"


NEAR = ScreenRules(TABLE, {}, (Asset("Strait", AssetKind.CHOKEPOINT, 38.5, 68.8),), {"gdelt": 0.3})
GDELT = {"feed": "gdelt"}
AT_THE_STRAIT = {"lat": 38.5, "lon": 68.8, "precision": "city"}


def test_an_event_below_the_relevance_of_its_feed_is_filtered_with_a_sentence() -> None:
    decision = screen(message(country="TJK", event_class="protest", provenance=GDELT), (), NEAR)
    assert isinstance(decision, Filtered)
    assert decision.reason == (
        "relevance 0.000 (protest, exposure 0.001, near no asset) is below 0.300, the value of "
        "screen.minimum_relevance for feed gdelt"
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"country": "KAZ"},
        {"country": "XKX", "event_class": "coup"},
        {"country": "TJK", "location": AT_THE_STRAIT},
        {"country": "TJK", "provenance": {"feed": "desk"}},
        {"country": "TJK", "status": "retract"},
    ],
    ids=["exposed", "unknown exposure", "near oil", "the desk's own", "retraction"],
)
def test_what_a_minimum_of_relevance_lets_pass(changes: dict[str, Any]) -> None:
    assert isinstance(screen(message(**{"provenance": GDELT} | changes), (), NEAR), Admitted)


KNOWN = replace(NEAR, own=frozenset({"file", "/desk"}), histories=frozenset(), other_relevance=0.3)
PROTEST = {"country": "TJK", "event_class": "protest"}
OURS = (("ce_specversion", b"1.0"), ("ce_id", b"1"), ("ce_source", b"/desk"), ("ce_type", b"unrest"))


@pytest.mark.attack
@pytest.mark.parametrize(
    ("feed", "headers"),
    [
        ("gdelt", ((HISTORY, b"vorukh-2021"),)),
        ("made-up", ()),
        ("made-up", ((HISTORY, b"vorukh-2021"),)),
        (None, ()),
        ("gdelt", OURS),
        ("*", ()),
    ],
)
def test_no_made_up_name_and_no_header_bypasses_relevance(feed: str | None, headers: Headers) -> None:
    value = message(**PROTEST, provenance=None if feed is None else {"feed": feed})
    assert isinstance(screen(value, headers, KNOWN), Filtered)


def test_a_source_that_is_allowed_passes_by_its_feed_or_its_envelope() -> None:
    by_feed = message(**PROTEST, provenance={"feed": "file"})
    by_envelope = message(**PROTEST, provenance={"feed": "made-up"})
    assert isinstance(screen(by_feed, (), KNOWN), Admitted)
    assert isinstance(screen(by_envelope, OURS, KNOWN), Admitted)


def test_an_event_of_a_stranger_that_matters_passes_and_another_names_the_setting() -> None:
    stranger = {"provenance": {"feed": "made-up"}}
    assert isinstance(screen(message(country="KAZ", event_class="riot", **stranger), (), KNOWN), Admitted)
    decision = screen(message(**PROTEST, **stranger), (), KNOWN)
    assert isinstance(decision, Filtered)
    assert decision.is_of_a_stranger
    assert decision.reason.endswith("0.300, the value of screen.sources.other_relevance for feed made-up")


def test_an_admitted_event_carries_its_nearness_to_oil() -> None:
    near, far = (
        screen(message(country="KAZ", location=place, provenance=GDELT), (), NEAR)
        for place in (AT_THE_STRAIT, None)
    )
    assert isinstance(near, Admitted)
    assert isinstance(far, Admitted)
    assert (near.signal.nearness, far.signal.nearness) == (1.0, 0.0)


def test_what_a_history_plays_is_not_sieved_by_relevance() -> None:
    value = message(country="TJK", event_class="protest", provenance=GDELT)
    assert isinstance(screen(value, ((HISTORY, b"vorukh-2021"),), NEAR), Admitted)
    assert isinstance(screen(value, (("other", b""),), NEAR), Filtered)


def test_a_place_that_is_a_whole_province_is_near_nothing() -> None:
    wide = AT_THE_STRAIT | {"precision": "admin1"}
    assert isinstance(screen(message(country="TJK", location=wide, provenance=GDELT), (), NEAR), Filtered)


TABLE_OF_LOW = {"KAZ": TABLE["KAZ"], "RUS": Exposure(country="RUS", production_kbd=10_000)}
BARRED = ScreenRules(TABLE, {}, (), {"gdelt": 0.3}, frozenset({"file"}), corroborated_relevance=0.2)


def told_by(headlines: int, feed: str = "gdelt") -> bytes:
    """A protest in Kazakhstan, whose relevance is .26."""
    return message(
        country="KAZ",
        event_class="protest",
        provenance={"feed": feed},
        attention={"headlines": headlines},
        reliability={"verification": "machine", "confidence": 0.9},
    )


def test_corroborated_reports_must_reach_less_than_single_ones() -> None:
    decision = screen(told_by(2), (), BARRED)

    assert isinstance(decision, Admitted)
    assert decision.signal.standing is Standing.CORROBORATED
    assert decision.signal.measured_relevance == pytest.approx(0.26, abs=0.01)
    assert isinstance(screen(told_by(1), (), BARRED), Filtered)
    assert isinstance(screen(told_by(2), (), replace(BARRED, corroborated_relevance=0.27)), Filtered)


def test_the_lower_limit_of_corroborated_reports_is_not_for_strangers() -> None:
    strict = replace(BARRED, other_relevance=0.3)
    silent = message(country="KAZ", event_class="protest", provenance={"feed": "stranger"})

    assert isinstance(screen(silent, (), strict), Filtered)
    assert isinstance(screen(told_by(9, "stranger"), (), strict), Filtered)
    assert isinstance(screen(silent, (), BARRED), Admitted)


def test_a_feed_with_a_lower_minimum_keeps_it() -> None:
    low = replace(BARRED, minimum_relevance={"gdelt": 0.1}, corroborated_relevance=1.0)

    assert isinstance(screen(told_by(2), (), low), Admitted)


def test_a_machine_in_an_own_feed_is_no_person() -> None:
    decision = screen(told_by(1, "file"), (), BARRED)

    assert isinstance(decision, Admitted)
    assert decision.signal.standing is Standing.SINGLE


def test_what_nobody_vouches_for_is_stated_from_own_feeds_and_histories_alone() -> None:
    def find_standing(feed: str, headers: Headers = ()) -> Standing:
        rules = replace(BARRED, minimum_relevance={}, histories=frozenset({"*"}))
        decision = screen(message(country="KAZ", provenance={"feed": feed}), headers, rules)
        assert isinstance(decision, Admitted)
        return decision.signal.standing

    assert find_standing("file") is Standing.STATED
    assert find_standing("stranger") is Standing.CORROBORATED
    assert find_standing("gdelt") is Standing.SINGLE
    assert find_standing("stranger", ((HISTORY, b"kazakhstan-2022"),)) is Standing.STATED


def test_the_barrels_of_a_terminal_are_those_of_the_country_whose_oil_it_is() -> None:
    terminal = Asset("CPC", AssetKind.TERMINAL, 44.7, 37.7, barrels_of="KAZ")
    rules = ScreenRules(TABLE_OF_LOW, {}, (terminal,))

    def find_owner(lat: float) -> str | None:
        place = {"lat": lat, "lon": 37.7, "precision": "city"}
        decision = screen(message(country="RUS", location=place), (), rules)
        assert isinstance(decision, Admitted)
        return None if decision.signal.exposure is None else decision.signal.exposure.country

    assert find_owner(44.7) == "KAZ"
    assert find_owner(45.5) == "RUS"
