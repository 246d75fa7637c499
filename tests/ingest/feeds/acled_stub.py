"""ACLED's server as the feed meets it: a token by password, pages of rows, deletions. Rows are made up."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from tests.web.stub import Answer, Asked, Stub

USER, PASSWORD = "desk@example.org", "open sesame"
UPLOADED = int(datetime(2024, 5, 7, 9, 0, tzinfo=UTC).timestamp())


def row(number: int, **changes: Any) -> dict[str, Any]:
    """One row with ACLED's 31 fields, all as text, as it sends them."""
    return {
        "event_id_cnty": f"NIG{number}", "event_date": "2024-05-03", "year": "2024", "time_precision": "1",
        "disorder_type": "Demonstrations", "event_type": "Protests", "sub_event_type": "Peaceful protest",
        "actor1": "Protesters (Nigeria)", "assoc_actor_1": "", "inter1": "Protesters", "actor2": "",
        "assoc_actor_2": "", "inter2": "", "interaction": "Protesters only", "civilian_targeting": "",
        "iso": "566", "region": "Western Africa", "country": "Nigeria", "admin1": "Delta", "admin2": "Warri",
        "admin3": "", "location": "Warri", "latitude": "5.5167", "longitude": "5.7500",
        "geo_precision": "1", "source": "An invented paper", "source_scale": "National",
        "notes": "Made up.", "fatalities": "0", "tags": "crowd size=about 200", "timestamp": str(UPLOADED),
    } | changes  # fmt: skip


class AcledStub(Stub):
    """`rows` by their upload; `deleted` as (id, time). A token is good for `uses` requests."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[dict[str, Any]] = []
        self.deleted: list[tuple[str, object]] = []
        self.tokens = 0
        self.uses = 1000

    def routes(self, asked: Asked) -> Answer:
        match asked.path:
            case "/oauth/token":
                return self._token(asked)
            case _ if asked.headers.get("Authorization") != f"Bearer token-{self.tokens}" or self.uses < 1:
                return Answer(b'{"message": "Unauthorized"}', 401)
            case "/api/acled/read":
                self.uses -= 1
                since = int(asked.query["timestamp"])
                assert asked.query["timestamp_where"] == ">="
                found = [each for each in self.rows if _number(each["timestamp"]) >= since]
                return self._page(asked, sorted(found, key=lambda each: _number(each["timestamp"])))
            case "/api/deleted/read":
                since = int(asked.query["deleted_timestamp"])
                return self._page(
                    asked,
                    [
                        {"event_id_cnty": name, "deleted_timestamp": str(at)}
                        for name, at in self.deleted
                        if not isinstance(at, int) or at < 0 or at >= since
                    ],
                )
        return Answer(status=404)

    def _token(self, asked: Asked) -> Answer:
        wanted = {"username": USER, "password": PASSWORD, "grant_type": "password", "client_id": "acled"}
        if dict(asked.form) != wanted:
            return Answer(b'{"error": "invalid_grant"}', 401)
        self.tokens += 1
        self.uses = max(self.uses, 1000)
        token = {"token_type": "Bearer", "expires_in": 86400, "access_token": f"token-{self.tokens}"}
        return Answer(json.dumps(token).encode())

    def _page(self, asked: Asked, rows: list[Any]) -> Answer:
        assert asked.query["_format"] == "json"
        size, page = int(asked.query["limit"]), int(asked.query["page"])
        data = rows[(page - 1) * size : page * size]
        answer = {"status": 200, "success": True, "last_update": 1, "count": len(data), "data": data}
        return Answer(json.dumps(answer).encode())


def _number(text: str) -> int:
    return int(text) if text.isdigit() else UPLOADED
