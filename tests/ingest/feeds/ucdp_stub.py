"""UCDP's server as the feed meets it: pages of a release. The rows are made up, in its own fields."""

from __future__ import annotations

import json
from typing import Any

from tests.web.stub import Answer, Asked, Stub

TOKEN = "a-token-of-ours"


def row(number: int, **changes: Any) -> dict[str, Any]:
    """One event with the fields that matter, as UCDP types them."""
    return {
        "id": number, "relid": f"IRQ-2024-1-{number}", "year": 2024, "type_of_violence": 1,
        "conflict_new_id": 1, "side_a": "Government of Iraq", "side_b": "IS", "number_of_sources": 2,
        "where_prec": 2, "where_coordinates": "Kirkuk town", "adm_1": "Kirkuk province", "adm_2": "",
        "latitude": 35.4681, "longitude": 44.3922, "country": "Iraq", "country_id": 645, "date_prec": 1,
        "date_start": "2024-03-24T00:00:00", "date_end": "2024-03-24T00:00:00", "deaths_a": 1,
        "deaths_b": 2, "deaths_civilians": 0, "deaths_unknown": 0, "best": 3, "high": 5, "low": 3,
        "source_article": "Made up.",
    } | changes  # fmt: skip


class UcdpStub(Stub):
    """`releases` by their versions."""

    def __init__(self) -> None:
        super().__init__()
        self.releases: dict[str, list[dict[str, Any]]] = {}
        self.first_page = 0

    def routes(self, asked: Asked) -> Answer:
        version = asked.path.removeprefix("/api/gedevents/")
        if {name.lower(): value for name, value in asked.headers.items()}.get("x-ucdp-access-token") != TOKEN:
            return Answer(b'{"error": "token"}', 401)
        if version not in self.releases:
            return Answer(status=404)
        rows, size = self.releases[version], int(asked.query["pagesize"])
        page, pages = max(0, int(asked.query["page"]) - self.first_page), -(-len(rows) // size)
        answer = {
            "TotalCount": len(rows),
            "TotalPages": pages,
            "PreviousPageUrl": "",
            "NextPageUrl": "http://127.0.0.1:1/elsewhere" if page + 1 < pages else "",
            "Result": rows[page * size : (page + 1) * size],
        }
        return Answer(json.dumps(answer).encode())
