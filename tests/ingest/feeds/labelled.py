"""Reports of our own making in the real layout, each labelled with the happening it tells of.

They are made to be as awkward as real files are: one happening in many rows and several files, rows with only
a country or a province, actors that change from paper to paper, two happenings in one town on one day, towns
that lie close together, the same town the next day, and rows that put a happening where it was not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.ingest.feeds.gdelt_stub import FIRST, row


@dataclass(frozen=True, slots=True)
class Labelled:
    """A row as it stands in a file, when that came out, and what it tells of."""

    line: str
    added: datetime
    label: str
    number: int


AKTAU = ("KZ", "Aktau, Mangghystau, Kazakhstan", 4, "KZ09", 43.65, 51.17)
ZHANAOZEN = ("KZ", "Zhanaozen, Mangghystau, Kazakhstan", 4, "KZ09", 43.34, 52.86)
ALMATY = ("KZ", "Almaty, Almaty City, Kazakhstan", 4, "KZ02", 43.25, 76.95)
MANGYSTAU = ("KZ", "Mangghystau, Kazakhstan", 5, "KZ09", 43.9, 52.0)
KAZAKHSTAN = ("KZ", "Kazakhstan", 1, "KZ", 48.0, 68.0)
ALBANIA = ("AL", "Tirana, Tirane, Albania", 4, "AL50", 41.33, 19.82)
WARRI = ("NI", "Warri, Delta, Nigeria", 4, "NI36", 5.52, 5.75)
EFFURUN = ("NI", "Effurun, Delta, Nigeria", 4, "NI36", 5.55, 5.78)
PORT_HARCOURT = ("NI", "Port Harcourt, Rivers, Nigeria", 4, "NI50", 4.79, 7.0)
BASRA = ("IZ", "Basra, Al Basrah, Iraq", 4, "IZ02", 30.49, 47.82)
UMM_QASR = ("IZ", "Umm Qasr, Al Basrah, Iraq", 4, "IZ02", 30.03, 47.92)
KIRKUK = ("IZ", "Kirkuk, Iraq", 4, "IZ13", 35.47, 44.39)
IRAQ = ("IZ", "Iraq", 1, "IZ", 33.0, 44.0)
TRIPOLI = ("LY", "Tripoli, Tarabulus, Libya", 4, "LY77", 32.88, 13.19)
SIDRA = ("LY", "Es Sider, Surt, Libya", 4, "LY74", 30.63, 18.35)
RAS_LANUF = ("LY", "Ras Lanuf, Surt, Libya", 4, "LY74", 30.5, 18.57)
HODEIDA = ("YM", "Hodeida, Al Hudaydah, Yemen", 4, "YM08", 14.8, 42.95)
ABQAIQ = ("SA", "Abqaiq, Eastern Province, Saudi Arabia", 4, "SA06", 25.94, 49.67)
KHURAIS = ("SA", "Khurais, Ar Riyad, Saudi Arabia", 4, "SA10", 25.07, 48.19)

# label; quarter of an hour; day after the first; code; place; actors; address
ROWS = (
    ("zhanaozen", 0, 0, "141", ZHANAOZEN, ("KAZCVL", "KAZGOV"), "a1"),
    ("zhanaozen", 0, 0, "140", ZHANAOZEN, ("KAZ", "KAZGOV"), "a1"),
    ("zhanaozen", 0, 0, "141", ZHANAOZEN, ("", "KAZGOV"), "a2"),
    ("zhanaozen", 1, 0, "141", MANGYSTAU, ("KAZCVL", "KAZGOV"), "a1"),
    ("zhanaozen", 2, 0, "145", ZHANAOZEN, ("KAZOPP", "KAZCOP"), "a3"),
    ("zhanaozen", 3, 0, "141", KAZAKHSTAN, ("KAZCVL", "KAZGOV"), "a4"),
    ("zhanaozen", 50, 1, "141", ZHANAOZEN, ("KAZCVL", ""), "a5"),
    ("zhanaozen", 4, 0, "141", ALBANIA, ("KAZCVL", "KAZGOV"), "a6"),
    ("aktau", 1, 0, "141", AKTAU, ("KAZCVL", "KAZGOV"), "b1"),
    ("aktau", 1, 0, "141", AKTAU, ("KAZLAB", "KAZGOV"), "b2"),
    ("aktau", 2, 0, "140", AKTAU, ("", ""), "b3"),
    ("aktau", 2, 0, "141", AKTAU, ("KAZCVL", "KAZGOV"), "a1"),
    ("aktau strike", 3, 0, "143", AKTAU, ("KAZLAB", "KAZBUS"), "b4"),
    ("aktau strike", 4, 0, "143", AKTAU, ("KAZLAB", "MNC"), "b5"),
    ("aktau two days on", 200, 2, "141", AKTAU, ("KAZCVL", "KAZGOV"), "b6"),
    ("aktau two days on", 201, 2, "141", AKTAU, ("KAZCVL", "KAZCOP"), "b7"),
    ("almaty", 100, 1, "145", ALMATY, ("KAZOPP", "KAZCOP"), "c1"),
    ("almaty", 100, 1, "1451", ALMATY, ("KAZOPP", "KAZGOV"), "c1"),
    ("almaty", 100, 1, "145", ALMATY, ("KAZ", "KAZGOV"), "c2"),
    ("almaty", 101, 1, "145", ALMATY, ("KAZREB", "KAZMIL"), "c3"),
    ("almaty", 102, 1, "175", ALMATY, ("KAZCOP", "KAZOPP"), "c4"),
    ("almaty", 103, 1, "141", ALMATY, ("KAZ", ""), "c5"),
    ("almaty", 104, 1, "145", KAZAKHSTAN, ("KAZOPP", "KAZCOP"), "c2"),
    ("almaty fight", 110, 1, "190", ALMATY, ("KAZMIL", "KAZREB"), "c6"),
    ("almaty fight", 110, 1, "193", ALMATY, ("KAZMIL", "KAZREB"), "c7"),
    ("almaty fight", 111, 1, "193", ALMATY, ("KAZ", "KAZREB"), "c8"),
    ("emergency", 112, 1, "1724", ALMATY, ("KAZGOV", "KAZ"), "c9"),
    ("emergency", 112, 1, "1723", ALMATY, ("KAZGOV", ""), "c10"),
    ("almaty vigil", 105, 1, "141", ALMATY, ("KAZREL", ""), "c11"),
    ("almaty vigil", 106, 1, "141", ALMATY, ("KAZREL", "KAZCVL"), "c12"),
    ("warri", 5, 0, "141", WARRI, ("NGALAB", "MNC"), "d1"),
    ("warri", 5, 0, "141", EFFURUN, ("NGALAB", "MNC"), "d2"),
    ("warri", 6, 0, "144", WARRI, ("NGALAB", "MNC"), "d3"),
    ("warri", 6, 0, "141", WARRI, ("NGACVL", "MNC"), "d1"),
    ("warri", 7, 0, "141", WARRI, ("NGA", "NGAGOV"), "d4"),
    ("port harcourt", 6, 0, "141", PORT_HARCOURT, ("NGALAB", "MNC"), "d5"),
    ("port harcourt", 7, 0, "141", PORT_HARCOURT, ("NGALAB", ""), "d6"),
    ("port harcourt kidnap", 8, 0, "193", PORT_HARCOURT, ("NGAREB", "NGAMIL"), "d7"),
    ("port harcourt kidnap", 8, 0, "190", PORT_HARCOURT, ("NGAREB", "NGAMIL"), "d8"),
    ("basra", 10, 0, "141", BASRA, ("IRQCVL", "IRQGOV"), "e1"),
    ("basra", 10, 0, "145", BASRA, ("IRQCVL", "IRQCOP"), "e2"),
    ("basra", 11, 0, "141", IRAQ, ("IRQCVL", "IRQGOV"), "e1"),
    ("basra", 12, 0, "175", BASRA, ("IRQCOP", "IRQCVL"), "e3"),
    ("umm qasr", 11, 0, "144", UMM_QASR, ("IRQCVL", "IRQBUS"), "e4"),
    ("umm qasr", 12, 0, "144", UMM_QASR, ("IRQCVL", ""), "e5"),
    ("umm qasr", 13, 0, "144", UMM_QASR, ("IRQ", "IRQBUS"), "e6"),
    ("kirkuk", 14, 0, "183", KIRKUK, ("ISI", "IRQCVL"), "f1"),
    ("kirkuk", 14, 0, "1832", KIRKUK, ("ISI", "IRQ"), "f2"),
    ("kirkuk", 15, 0, "183", KIRKUK, ("", "IRQCVL"), "f3"),
    ("kirkuk", 60, 1, "183", KIRKUK, ("ISI", "IRQCVL"), "f4"),
    ("kirkuk air", 15, 0, "195", KIRKUK, ("USAMIL", "REB"), "f5"),
    ("kirkuk air", 16, 0, "195", KIRKUK, ("USAMIL", ""), "f6"),
    ("tripoli", 17, 0, "190", TRIPOLI, ("LBYREB", "LBYMIL"), "g1"),
    ("tripoli", 17, 0, "194", TRIPOLI, ("LBYREB", "LBYGOV"), "g2"),
    ("tripoli", 18, 0, "193", TRIPOLI, ("LBY", "LBYMIL"), "g3"),
    ("tripoli market", 19, 0, "190", TRIPOLI, ("LBYCRM", "LBYCVL"), "g6"),
    ("tripoli next day", 130, 1, "190", TRIPOLI, ("LBYOPP", "LBYCOP"), "g4"),
    ("tripoli next day", 131, 1, "190", TRIPOLI, ("LBYOPP", "LBYCOP"), "g5"),
    ("es sider", 20, 0, "191", SIDRA, ("LBYSEP", "LBYBUS"), "h1"),
    ("es sider", 20, 0, "191", SIDRA, ("LBYSEP", "LBY"), "h2"),
    ("es sider", 21, 0, "144", SIDRA, ("LBYSEP", "LBYGOV"), "h3"),
    ("ras lanuf", 22, 0, "191", RAS_LANUF, ("LBYSEP", "LBYBUS"), "h4"),
    ("hodeida", 24, 0, "195", HODEIDA, ("SAUMIL", "YEMREB"), "i1"),
    ("hodeida", 24, 0, "195", HODEIDA, ("SAU", "YEMREB"), "i2"),
    ("hodeida", 25, 0, "194", HODEIDA, ("SAUMIL", "YEM"), "i3"),
    ("abqaiq", 26, 0, "195", ABQAIQ, ("YEMREB", "SAUBUS"), "j1"),
    ("abqaiq", 26, 0, "183", ABQAIQ, ("YEMREB", "SAU"), "j1"),
    ("abqaiq", 27, 0, "195", ABQAIQ, ("IRN", "SAU"), "j2"),
    ("abqaiq", 28, 0, "190", ABQAIQ, ("YEM", "SAUGOV"), "j3"),
    ("abqaiq", 70, 1, "195", ABQAIQ, ("YEMREB", "SAU"), "j4"),
    ("khurais", 26, 0, "195", KHURAIS, ("YEMREB", "SAUBUS"), "j1"),
    ("khurais", 27, 0, "195", KHURAIS, ("YEMREB", "SAU"), "j5"),
)


def sample() -> list[Labelled]:
    """The rows by the time of their file."""
    made = [_labelled(1000 + at, *fields) for at, fields in enumerate(ROWS)]
    return sorted(made, key=lambda each: (each.added, each.number))


def _labelled(
    number: int,
    label: str,
    quarter: int,
    day: int,
    code: str,
    where: tuple[str, str, int, str, float, float],
    actors: tuple[str, str],
    url: str,
) -> Labelled:
    added = FIRST + quarter * timedelta(minutes=15)
    country, place, kind, admin1, lat, lon = where
    line = row(
        number,
        added=added,
        day=f"{FIRST + timedelta(days=day):%Y%m%d}",
        code=code,
        country=country,
        place=place,
        kind=kind,
        admin1=admin1,
        lat=lat,
        lon=lon,
        actors=actors,
        url=f"https://example.org/{url}",
    )
    return Labelled(line, added, label, number)
