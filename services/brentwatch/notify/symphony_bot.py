"""A bot of Symphony, by the library `symphony-bdk-python` (extra `symphony`), with what that lacks.

It follows redirections with its tokens, retries ten times, and waits five minutes: each call here is one
attempt, with a timeout, and a redirection is an error. Its log of requests is off.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

from brentwatch.core.errors import SettingsError
from brentwatch.notify.http_receiver import read_now
from brentwatch.web.addresses import split_url
from brentwatch.web.failures import NoAnswer, Reason
from brentwatch.web.secrets import Secret
from brentwatch.web.statuses import OF_RECEIVERS, describe_status

if TYPE_CHECKING:
    from symphony.bdk.core.service.message.message_service import MessageService
    from symphony.bdk.core.symphony_bdk import SymphonyBdk


def import_library() -> None:
    """Load the library, which takes a second.

    Raises:
        SettingsError: if the extra `symphony` is not installed.
    """
    try:
        import symphony.bdk.core.symphony_bdk  # noqa: F401
    except ImportError as error:
        raise SettingsError(
            f"the channel symphony needs the library symphony-bdk-python, which cannot be imported "
            f'({error}); expected the extra "symphony"; run pip install "brentwatch[symphony]"'
        ) from error
    logging.getLogger("symphony").setLevel(logging.CRITICAL)  # its debug log quotes tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class SymphonyBot:
    """Signs in at `url` as `username` by its RSA key, for each call."""

    url: str
    username: str
    key: Secret
    timeout_seconds: float
    ca_file: str | None = None

    def call(self, ask: Callable[[MessageService], Awaitable[Any]]) -> Any:
        """What the service of messages answers to one call.

        Raises:
            NoAnswer: if it does not.
            Unavailable: if the key cannot be read.
        """
        import asyncio  # it takes 20 ms, and every command reads these settings

        return asyncio.run(self._call(ask, read_now(self.key)))

    async def _call(self, ask: Callable[[MessageService], Awaitable[Any]], key: str) -> Any:
        from asyncio import timeout

        from aiohttp import ClientError, ClientSSLError
        from symphony.bdk.core.auth.exception import AuthUnauthorizedError
        from symphony.bdk.core.symphony_bdk import SymphonyBdk
        from symphony.bdk.gen import ApiException

        try:
            async with timeout(self.timeout_seconds), SymphonyBdk(self._build_config(key)) as bdk:
                _refuse_redirections(bdk)
                return await ask(bdk.messages())
        except TimeoutError:
            said = f"{self.url} did not answer within {self.timeout_seconds:g} seconds"
            raise NoAnswer(Reason.TIMEOUT, said) from None
        except ApiException as error:
            retry = (error.headers or {}).get("Retry-After")
            raise describe_status(self.url, error.status or 0, retry, OF_RECEIVERS) from None
        except AuthUnauthorizedError:
            raise describe_status(self.url, 401, None, OF_RECEIVERS) from None
        except ClientSSLError:
            said = f"{self.url} has a certificate that does not verify; check the address, or set ca_file"
            raise NoAnswer(Reason.CERTIFICATE, said) from None
        except (ClientError, OSError) as error:
            said = f"{self.url} gave no answer ({type(error).__name__}); it is asked again later"
            raise NoAnswer(Reason.UNREACHABLE, said) from None
        except Exception as error:  # noqa: BLE001 - of a wrong key or answer, which it may quote
            said = f"{self.url}: the key or an answer cannot be read ({type(error).__name__}); check the key"
            raise NoAnswer(Reason.GARBLED, said) from None

    def _build_config(self, key: str) -> Any:
        from symphony.bdk.core.config.model.bdk_config import BdkConfig

        scheme, host, port = split_url(self.url)
        return BdkConfig(
            scheme=scheme,
            host=host,
            port=port,
            bot={"username": self.username, "privateKey": {"content": key}},
            ssl={"trustStore": {"path": self.ca_file}} if self.ca_file else None,
            retry={"maxAttempts": 1},
        )


def _refuse_redirections(bdk: SymphonyBdk) -> None:
    """Give each client of the library a session that follows none: tokens would be sent to anyone."""
    from aiohttp import ClientSession, TCPConnector, TraceConfig
    from symphony.bdk.gen import ApiException

    async def refuse(_session: object, _context: object, redirect: Any) -> None:
        raise ApiException(status=redirect.response.status)

    trace = TraceConfig()
    trace.on_request_redirect.append(refuse)
    clients = bdk._api_client_factory
    for client in (clients._login_client, clients._relay_client, clients._agent_client, clients._pod_client):
        rest = client.rest_client
        connector = TCPConnector(ssl=rest.ssl_context)
        rest.pool_manager = ClientSession(connector=connector, trust_env=True, trace_configs=[trace])


def build_picture(png: bytes) -> BytesIO:
    """The chart as the library takes it: a file with a name."""
    file = BytesIO(png)
    file.name = "chart.png"
    return file
