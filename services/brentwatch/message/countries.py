"""ISO 3166-1 alpha-3 codes to English names: every country of the bundled histories and exposures."""

from __future__ import annotations

COUNTRIES = {
    "AGO": "Angola",
    "ARE": "United Arab Emirates",
    "ARM": "Armenia",
    "AZE": "Azerbaijan",
    "BGD": "Bangladesh",
    "BHR": "Bahrain",
    "BLR": "Belarus",
    "CHL": "Chile",
    "DZA": "Algeria",
    "ECU": "Ecuador",
    "EGY": "Egypt",
    "FRA": "France",
    "GAB": "Gabon",
    "GBR": "United Kingdom",
    "HKG": "Hong Kong",
    "IRN": "Iran",
    "IRQ": "Iraq",
    "ISR": "Israel",
    "KAZ": "Kazakhstan",
    "KGZ": "Kyrgyzstan",
    "KWT": "Kuwait",
    "LBY": "Libya",
    "LKA": "Sri Lanka",
    "MMR": "Myanmar",
    "NER": "Niger",
    "NGA": "Nigeria",
    "NOR": "Norway",
    "OMN": "Oman",
    "PSE": "Palestine",
    "QAT": "Qatar",
    "RUS": "Russia",
    "SAU": "Saudi Arabia",
    "SDN": "Sudan",
    "SSD": "South Sudan",
    "TJK": "Tajikistan",
    "TUN": "Tunisia",
    "TUR": "Turkey",
    "UKR": "Ukraine",
    "USA": "United States",
    "UZB": "Uzbekistan",
    "VEN": "Venezuela",
    "YEM": "Yemen",
}


def country(code: str) -> str:
    """The English name; a code that is not in the table stands for itself."""
    return COUNTRIES.get(code, code)
