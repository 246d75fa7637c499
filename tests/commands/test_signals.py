"""A signal is a wish: it sets an event, and the exit code says which signal it was."""

from __future__ import annotations

import os
import signal

import pytest

from brentwatch.commands.exit_codes import ExitCode
from brentwatch.commands.signals import wish_to_stop


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, ExitCode.TERMINATED), (signal.SIGINT, ExitCode.INTERRUPTED)]
)
def test_a_signal_is_taken_as_a_wish(number: signal.Signals, code: ExitCode) -> None:
    with wish_to_stop() as wish:
        os.kill(os.getpid(), number)
        assert wish.stop.wait(5)
    assert wish.exit_code == code


def test_without_a_signal_nothing_is_wished() -> None:
    with wish_to_stop() as wish:
        assert not wish.stop.is_set()
    assert wish.exit_code == ExitCode.OK


def test_the_handlers_of_before_come_back() -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    with wish_to_stop():
        assert signal.getsignal(signal.SIGTERM) != before[0]
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before
