"""Every channel shows the same figures: what a receiver shows is read again and compared."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from tests.notify.alerts import CASES, alert, message, tested_alert
from tests.notify.channels.receivers import RECEIVERS, FakeReceiver, read_figures

from brentwatch.core.domain import Severity
from brentwatch.notify.channels.jsonl import Jsonl
from brentwatch.notify.channels.terminal import Terminal
from brentwatch.wire.published import decode_alert

if TYPE_CHECKING:
    from pathlib import Path

    from brentwatch.core.domain import Alert

ALERTS = {
    "critical": alert(),
    "medium": CASES["medium"],
    "an update": replace(tested_alert(p=0.0031), revision=2, severity=Severity.HIGH),
    "re-open": CASES["reopen"],
    "settlement": CASES["settled_calm"],
}
DETAIL = ("Details:", "CAR[0, 1] +9.8 % (95 % range +5.2 to +14.6 %), p = 0.0042")


@pytest.mark.parametrize("sent", ALERTS.values(), ids=ALERTS)
@pytest.mark.parametrize("kind", RECEIVERS, ids=lambda kind: kind.__name__)
def test_a_receiver_shows_the_figures_of_the_message(kind: type[FakeReceiver], sent: Alert) -> None:
    expected = read_figures("\n".join(message(sent).lines))
    assert all(len(found) > 0 for found in expected.values())
    with kind() as fake:
        fake.open().send(message(sent))
        assert fake.figures() == expected


@pytest.mark.parametrize("kind", RECEIVERS[1:], ids=lambda kind: kind.__name__)
def test_the_detail_is_shown_in_full_also_as_plain_text(kind: type[FakeReceiver]) -> None:
    expected = read_figures("\n".join(message(detail=DETAIL).lines))
    assert expected["range"][-1] == "+5.2 to +14.6 %"
    for is_plain in (False, True):
        with kind() as fake:
            fake.open().send(message(detail=DETAIL, is_plain=is_plain))
            assert fake.figures() == expected


def test_terminal_and_file_show_them_too(tmp_path: Path) -> None:
    out, path = StringIO(), tmp_path / "alerts.jsonl"
    Terminal(out, colour=False).send(message())
    Jsonl(path).send(message())
    published = decode_alert(path.read_bytes()).text
    assert published is not None
    expected = read_figures("\n".join(message().lines))
    assert read_figures(out.getvalue()) == read_figures("\n".join(published.lines)) == expected
