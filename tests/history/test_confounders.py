from __future__ import annotations

from datetime import date

from brentwatch.core.domain import Confounder, ConfounderKind, PriceUpdate
from brentwatch.history.bundled import load_confounders
from brentwatch.history.folder import find_history


def test_the_meeting_of_4_january_2022_is_known() -> None:
    assert load_confounders()[date(2022, 1, 4)] == (
        Confounder(
            session=date(2022, 1, 4),
            kind=ConfounderKind.OPEC_PLUS,
            text="OPEC and its partners keep to their plan: 400,000 barrels a day more in February.",
            source="https://arabnews.com/node/1997976/business-economy",
        ),
    )


def test_every_confounder_names_its_page_and_falls_on_a_session() -> None:
    sessions = {
        bar.session
        for signal in find_history("catalogue").signals
        if isinstance(signal, PriceUpdate)
        for bar in signal.bars
    }

    for session, entries in load_confounders().items():
        assert session in sessions
        assert all(entry.source.startswith("http") and entry.text for entry in entries)
