"""One table of countries: codes and names as people write them lead to ISO 3166-1 alpha-3."""

from __future__ import annotations

from collections import Counter

import pytest

from brentwatch.core.errors import InvalidInput
from brentwatch.wire.countries import country_name, read_country, read_country_table


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("NGA", "NGA"), ("nga", "NGA"), ("NG", "NGA"), ("ng", "NGA"), (" Nigeria ", "NGA"),
        ("NIGERIA", "NGA"), ("ST", "STP"),
        ("NA", "NAM"), ("NI", "NIC"), ("NE", "NER"), ("Niger", "NER"), ("UK", "GBR"), ("U.K.", "GBR"),
        ("USA", "USA"), ("u.s.", "USA"), ("United States of America", "USA"), ("UAE", "ARE"),
        ("Russian Federation", "RUS"), ("Iran, Islamic Republic of", "IRN"), ("Syrian Arab Republic", "SYR"),
        ("Côte d'Ivoire", "CIV"), ("Cote d\u2019Ivoire", "CIV"), ("Ivory Coast", "CIV"), ("Türkiye", "TUR"),
        ("DR Congo", "COD"), ("Congo-Brazzaville", "COG"), ("The Gambia", "GMB"), ("St. Lucia", "LCA"),
        ("Bosnia & Herzegovina", "BIH"), ("South Korea", "KOR"), ("Korea, North", "PRK"), ("Burma", "MMR"),
        ("Kosovo", "XKX"), ("Palestinian Territories", "PSE"), ("saudi-arabia", "SAU"),
    ],
)  # fmt: skip
def test_a_country_is_read_by_its_code_or_its_name(text: str, code: str) -> None:
    assert read_country(text) == code


@pytest.mark.parametrize("text", ["", "Congo", "Atlantis", "XXX", "nan", "12", "\x00"])
def test_what_is_no_country_or_may_be_two_is_refused_with_what_was_expected(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"such as Nigeria, NGA or NG"):
        read_country(text)


def test_every_code_and_every_name_leads_to_its_own_country() -> None:
    rows = read_country_table()
    assert len(rows) == 250
    for row in rows:
        for text in (row.iso3, row.iso2, row.name, *row.other_names):
            assert read_country(text) == row.iso3, text
    assert max(Counter(row.iso2 for row in rows).values()) == 1
    assert max(Counter(row.number for row in rows).values()) == 1


def test_an_unknown_code_stands_for_itself() -> None:
    assert [country_name(code) for code in ("KAZ", "XYZ")] == ["Kazakhstan", "XYZ"]
