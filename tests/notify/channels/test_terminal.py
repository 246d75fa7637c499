"""The channel `terminal`: words first, colour where it is wanted, and no foreign control characters."""

from __future__ import annotations

from io import StringIO

import pytest
from tests.notify.alerts import alert, message
from tests.notify.channels.contract import ChannelContract

from brentwatch.core.domain import Severity
from brentwatch.core.errors import Unavailable
from brentwatch.notify.channels.table import open_channel
from brentwatch.notify.channels.terminal import Terminal
from brentwatch.notify.settings import NotifySettings
from brentwatch.wire.published import AlertText


class TestTerminal(ChannelContract):
    @pytest.fixture(autouse=True)
    def make(self) -> None:
        self.out = StringIO()
        self.channel = Terminal(self.out, colour=False)

    def arrived(self) -> list[str]:
        return self.out.getvalue().removesuffix("\n\n").split("\n\n") if self.out.getvalue() else []


def shown(*, colour: bool) -> str:
    out = StringIO()
    Terminal(out, colour=colour).send(message(alert(severity=Severity.CRITICAL)))
    return out.getvalue()


def test_the_card_follows_the_lock_screen_and_the_detail_the_card() -> None:
    text = AlertText(lock_screen="As published", card="One\nTwo")
    out = StringIO()
    sent = message(text=text, detail=("Three",), acknowledged="Ann has seen it", is_test=True)
    Terminal(out, colour=False).send(sent)
    assert out.getvalue() == "TEST · As published\nOne\nTwo\nAnn has seen it\nThree\n\n"


def test_colour_adds_nothing_but_colour() -> None:
    plain, coloured = shown(colour=False), shown(colour=True)
    assert "\x1b" not in plain
    assert coloured.startswith("\x1b[31m\x1b[1m")
    assert coloured.replace("\x1b[31m\x1b[1m", "").replace("\x1b[0m", "") == plain


def test_where_nobody_reads_any_more_it_says_so() -> None:
    class Gone(StringIO):
        def flush(self) -> None:
            raise BrokenPipeError(32, "Broken pipe")

    with pytest.raises(Unavailable, match="standard output cannot be written: Broken pipe"):
        Terminal(Gone(), colour=False).send(message())


def test_no_color_is_obeyed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    open_channel("terminal", NotifySettings().terminal).send(message())
    assert "\x1b" not in capsys.readouterr().out
