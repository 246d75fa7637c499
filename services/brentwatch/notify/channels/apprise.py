"""The channel `apprise`: any service that the library `apprise` (extra) knows and that has no channel here.

Its faults are closed: it would follow redirections, try again by itself, hand `<!channel>` on to Slack, and
log what it sends. It says only whether it worked: no status, no id, no Retry-After. Many of its services drop
charts and report success, so none are sent.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import SecretStr

from brentwatch.core.errors import SettingsError, Unavailable
from brentwatch.notify.http_receiver import join_parts, list_parts, name_thread, read_now
from brentwatch.notify.messages import Look, Message, Receipt, Revisions
from brentwatch.notify.policy import HttpChannelSettings
from brentwatch.web.addresses import is_loopback
from brentwatch.web.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Collection
    from types import ModuleType

_URL = "an address of Apprise, such as mmosts://host/token"
_SETTING = "notify.apprise.url"
_MENTION = re.compile(r"(?<=[<@])(?=[!@#\w])")
_TYPES = {Look.CRITICAL: "failure", Look.HIGH: "warning", Look.MEDIUM: "warning"}  # others are "info"
_APART = "\u200b"  # of no width: no service takes it for a mention, also Apprise allows spaces there


class AppriseSettings(HttpChannelSettings):
    """The channel `apprise`, which sends to one target of the library Apprise."""

    section: ClassVar[str] = "apprise"
    secrets: ClassVar[tuple[str, ...]] = ("url",)

    url: SecretStr | None = None
    """Apprise address of the target."""
    url_file: str | None = None
    """File with the Apprise address of the target."""


class AppriseTarget:
    """Sends text to one target, once a call."""

    revisions = Revisions.FOLLOW_UP
    shows_chart = False

    def __init__(self, url: Secret, hosts: Collection[str], seconds: float, library: ModuleType) -> None:
        self._url, self._hosts, self._seconds, self._library = url, hosts, seconds, library
        self._open(url.read())

    def send(self, message: Message) -> Receipt:
        """See `Channel`; why it was not taken is not known, so it is always sent again."""
        caller = self._library.Apprise(asset=self._build_asset())
        try:
            caller.add(self._open(read_now(self._url)))
        except SettingsError as error:  # its file changed
            raise Unavailable(str(error)) from None
        title, body = _write_text(message)
        kind, form = _TYPES.get(message.look, "info"), self._library.NotifyFormat.TEXT
        sent = caller.notify(body, title, notify_type=kind, body_format=form, timeout=self._seconds)
        if not sent:
            raise Unavailable("the target of Apprise did not take the message; Apprise does not say why")
        return Receipt(detail="the chart was left out" if message.png else "")

    def _build_asset(self) -> Any:
        return self._library.AppriseAsset(http_redirects=False, default_service_retry=0, async_mode=False)

    def _open(self, url: str) -> Any:
        """The one target of an address; what the address says of retries, redirects and TLS is overruled.

        Raises:
            SettingsError: if the address cannot be used. It does not quote it.
        """
        target = self._library.Apprise.instantiate(url, asset=self._build_asset())
        if target is not None:
            target.redirects, target.retry, target.verify_certificate = False, 0, True
        if target is None or len(target) > 1:
            raise SettingsError(f"{_SETTING} cannot be read; expected one target, {_URL}: correct it")
        is_here = is_loopback(target.host or "") and target.host in self._hosts
        if not is_here and url.partition(":")[0].lower() not in _list(target.secure_protocol):
            raise SettingsError(
                f"{_SETTING} sends without TLS; expected a service over HTTPS, or a host of this machine "
                "that notify.apprise.hosts names: use its secure form, such as jsons:// for json://"
            )
        return target


def _write_text(message: Message) -> tuple[str, str]:
    """Title and body; there is always a body, since Apprise sends nothing without one."""
    first, card, detail = list_parts(message)
    body = join_parts(card, detail, list(filter(None, [name_thread(message)])))
    title, body = (first, body) if body else ("", first)
    return _MENTION.sub(_APART, title), _MENTION.sub(_APART, body)


def _list(names: Any) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names or ())


def open_channel(settings: AppriseSettings) -> AppriseTarget:
    """The channel as the settings want it.

    Raises:
        SettingsError: if they cannot work, or the extra is missing.
    """
    try:
        import apprise
    except ImportError as error:
        raise SettingsError(
            f"the channel apprise needs the library apprise, which cannot be imported ({error}); expected "
            'the extra "apprise"; run pip install "brentwatch[apprise]"'
        ) from error
    logging.getLogger("apprise").setLevel(logging.WARNING)  # its debug log quotes tokens
    return AppriseTarget(settings.get_secret("url", _URL), settings.hosts, settings.timeout_seconds, apprise)
