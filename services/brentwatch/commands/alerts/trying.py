"""`brentwatch alerts test CHANNEL`: the sample alert through the real channel; no Kafka is needed."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from brentwatch.commands.options import Command
from brentwatch.commands.process import ExitCode, say
from brentwatch.core.errors import SettingsError
from brentwatch.notify.channels.table import CHANNELS
from brentwatch.settings.origins import Sources

if TYPE_CHECKING:
    from brentwatch.notify.messages import Channel, Message, Receipt

_REMEDIES = {
    "rejected": "correct the settings of the channel, or report the message that was refused",
    "unreachable": "check the address, the network and the firewall",
    "certificate": "check the address; add the certificate of your own authority as ca_file",
    "timeout": "check the network, or raise timeout_seconds",
    "refused": "check the secret or the address: the receiver does not accept it",
    "missing": "check the address: the receiver does not know it; it may have been deleted",
    "throttled": "wait: the receiver limits the rate",
    "redirected": "use the address that it redirects to: redirects are not followed",
    "unavailable": "try again later",
    "failed": "check the settings of the channel, or try again later",
}


@click.command("test", cls=Command, short_help="Send a sample alert through a channel.")
@click.argument("channel", type=click.Choice(list(CHANNELS)), metavar="CHANNEL")
@click.pass_obj
def test_channel(sources: Sources, channel: str) -> int:
    """Send a sample alert, marked TEST, through CHANNEL, and print how long it took and the answer.

    It needs no Kafka, and CHANNEL need not be in notify.channels. Exit codes: 0 accepted, 1 refused, 3 wrong
    settings, 6 unreachable or busy.
    """
    from brentwatch.notify.channels.table import open_channel
    from brentwatch.notify.sample import compose_sample
    from brentwatch.settings.load import load

    settings = load(sources).settings.notify.find_channel(channel)
    name = f"test-{uuid.uuid4().hex[:8]}"
    opened = open_channel(channel, settings)
    message, left_out = compose_sample(channel, opened, settings, name, datetime.now(UTC))
    if left_out:
        _tell(left_out)
    return try_to_send(channel, opened, message)


def try_to_send(
    name: str, channel: Channel, message: Message, now: Callable[[], float] = time.monotonic
) -> ExitCode:
    """Send a message once, and once more as plain text if its formatting is refused; print the result.

    Raises:
        SettingsError: if the settings turn out not to work.
    """
    from brentwatch.notify.senders import explain_failure

    began = now()
    try:
        receipt = channel.send(message)
    except (SettingsError, ModuleNotFoundError):
        raise
    except Exception as error:
        failure = explain_failure(error)
        if failure.reason == "internal":
            raise
        if failure.is_formatting and not message.is_plain:
            _tell(f"{name} refused the formatting: {failure.said}; sending plain text")
            return try_to_send(name, channel, replace(message, is_plain=True), now)
        remedy = _REMEDIES.get(failure.reason, _REMEDIES["failed"])
        _tell(
            f"{name} did not accept the test after {now() - began:.2f} s ({failure.reason}"
            f"{_format_status(failure.status)}): {failure.said}; {remedy}"
        )
        return ExitCode.FAILED if failure.again is None else ExitCode.UNREACHABLE
    click.echo(describe_receipt(name, receipt, message, now() - began))
    return ExitCode.OK


def describe_receipt(name: str, receipt: Receipt, message: Message, seconds: float) -> str:
    """How long it took, the answer of the receiver, and the line to look for there."""
    from brentwatch.message.foreign import clean

    told = f"accepted by {name} in {seconds:.2f} s{_format_status(receipt.status)}"
    told += f", message {receipt.message_id}" if receipt.message_id else ""
    told += f", {receipt.detail}" if receipt.detail else ""
    return clean(f"{told}; look for {message.lines[0]!r}")


def _tell(told: str) -> None:
    """Print what went wrong; text of the receiver in it is harmless to a terminal."""
    from brentwatch.message.foreign import clean
    from brentwatch.web.secrets import hide_credentials

    say(f"alerts: {hide_credentials(clean(told))}")


def _format_status(status: int | None) -> str:
    return "" if status is None else f", status {status}"
