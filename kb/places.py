"""Countries, large cities and regions by name, with the country each lies in.

    country_of("Texas") -> "US"        country_of("Europe") -> ""       country_of("Narnia") -> None

Enough to notice that a question or a figure names a place; no gazetteer. A name that is as often a word ("Reading", "Nice")
is left out; "us" and "it" count only in capitals.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache

_BY_COUNTRY = """
US: united states, united states of america, usa, us, america, alabama, alaska, arizona, arkansas, california, colorado,
US: connecticut, delaware
US: florida, hawaii, idaho, illinois, indiana, iowa, kansas, kentucky, louisiana, maine, maryland, massachusetts,
US: michigan, minnesota, mississippi
US: missouri, montana, nebraska, nevada, new hampshire, new jersey, new mexico, new york, new york city, nyc, north carolina,
US: north dakota, ohio
US: oklahoma, oregon, pennsylvania, rhode island, south carolina, south dakota, tennessee, texas, utah, vermont, virginia,
US: washington
US: bureau of labor statistics
US: west virginia, wisconsin, wyoming, san francisco, bay area, silicon valley, los angeles, seattle, boston, chicago,
US: austin, dallas, houston, denver
US: atlanta, miami, philadelphia, phoenix, san diego, san jose, portland, detroit, minneapolis, washington dc, palo alto,
US: mountain view, menlo park, brooklyn
CA: canada, ontario, quebec, british columbia, alberta, toronto, montreal, vancouver, ottawa, calgary
GB: united kingdom, uk, great britain, britain, england, scotland, wales, northern ireland, london, manchester,
GB: birmingham, leeds, glasgow, edinburgh
GB: liverpool, bristol, cardiff, belfast, cambridge, oxford
IE: ireland, dublin, cork
DE: germany, berlin, munich, hamburg, frankfurt, cologne, stuttgart, bavaria
FR: france, paris, lyon, marseille, toulouse, lille, bordeaux
ES: spain, madrid, barcelona, valencia, seville
IT: italy, rome, milan, turin, naples
PT: portugal, lisbon, porto
NL: netherlands, holland, amsterdam, rotterdam, the hague, utrecht
BE: belgium, brussels, antwerp, ghent
LU: luxembourg
CH: switzerland, zurich, zürich, geneva, basel, bern, lausanne
AT: austria, vienna, salzburg, graz
SE: sweden, stockholm, gothenburg, malmö
NO: norway, oslo, bergen
DK: denmark, copenhagen, aarhus
FI: finland, helsinki
IS: iceland, reykjavik
PL: poland, warsaw, krakow, kraków, wroclaw
CZ: czech republic, czechia, prague, brno
SK: slovakia, bratislava
HU: hungary, budapest
RO: romania, bucharest
BG: bulgaria, sofia
GR: greece, athens
HR: croatia, zagreb
RS: serbia, belgrade
SI: slovenia, ljubljana
EE: estonia, tallinn
LV: latvia, riga
LT: lithuania, vilnius
UA: ukraine, kyiv, kiev
RU: russia, moscow, saint petersburg
TR: turkey, türkiye, istanbul, ankara
IL: israel, tel aviv, jerusalem
AE: united arab emirates, uae, dubai, abu dhabi
SA: saudi arabia, riyadh
QA: qatar, doha
KW: kuwait
EG: egypt, cairo
MA: morocco, casablanca
NG: nigeria, lagos, abuja
KE: kenya, nairobi
GH: ghana, accra
ZA: south africa, johannesburg, cape town
ET: ethiopia
IN: india, bangalore, bengaluru, mumbai, delhi, new delhi, hyderabad, chennai, pune, kolkata
PK: pakistan, karachi, lahore, islamabad
BD: bangladesh, dhaka
LK: sri lanka, colombo
NP: nepal, kathmandu
CN: china, beijing, shanghai, shenzhen, guangzhou
HK: hong kong
TW: taiwan, taipei
JP: japan, tokyo, osaka, kyoto
KR: south korea, korea, seoul
SG: singapore
MY: malaysia, kuala lumpur
ID: indonesia, jakarta
TH: thailand, bangkok
VN: vietnam, hanoi, ho chi minh city
PH: philippines, manila
AU: australia, sydney, melbourne, brisbane, perth, adelaide, canberra
NZ: new zealand, auckland, wellington
MX: mexico, mexico city, guadalajara
BR: brazil, são paulo, sao paulo, rio de janeiro
AR: argentina, buenos aires
CL: chile, santiago
CO: colombia, bogota, bogotá
PE: peru, lima
CR: costa rica
--: europe, european union, eu, asia, africa, north america, south america, latin america, middle east, scandinavia, apac,
--: emea, the nordics, oceania
"""


_OTHER_NAMES = frozenset(
    {"usa", "us", "america", "united states of america", "uk", "britain", "great britain", "holland", "uae", "korea", "czechia"}
)
_WORD = re.compile(r"U\.[SK]\.(?:A\.)?|[^\W\d_]+")


@cache
def _countries() -> dict[str, str]:
    found: dict[str, str] = {}
    for line in _BY_COUNTRY.strip().splitlines():
        country, names = line.split(":")
        for name in names.split(","):
            if name.strip():
                found[name.strip()] = country.strip("-")
    return found


@cache
def _longest() -> dict[str, int]:
    """First word of a name -> words of the longest name that starts so."""
    found: dict[str, int] = {}
    for name in _countries():
        first, *rest = name.split()
        found[first] = max(found.get(first, 0), 1 + len(rest))
    return found


@cache
def _whole_countries() -> frozenset[str]:
    """Names that mean a whole country: the first of each country's names in the table, and its other names."""
    first: dict[str, str] = {}
    for name, country in _countries().items():
        if country:
            first.setdefault(country, name)
    return frozenset(first.values()) | _OTHER_NAMES


def standing(names: Iterable[str], text: str) -> list[bool]:
    """For each named place whether the text speaks of it: by name, or, of a whole country, by any place in it.

    >>> standing(["US", "Ohio"], "In Texas a nurse earns 80,000 dollars.")
    [True, False]
    """
    if not (names := list(names)):
        return []
    spoken = _spoken(text)
    countries = {country_of(place) for place in spoken}
    return [_key(name) in spoken or (_key(name) in _whole_countries() and country_of(name) in countries) for name in names]


@lru_cache(256)
def _spoken(text: str) -> frozenset[str]:
    """The places a text names; articles are asked about again and again."""
    return frozenset(_key(text[start:end]) for start, end in places_in(text))


def _key(place: str) -> str:
    return place.casefold().replace(".", "")


def country_of(place: str) -> str | None:
    """The two-letter code of the country a known place lies in; "" for a larger region, None for an unknown name."""
    return _countries().get(_key(place))


def places_in(text: str) -> list[tuple[int, int]]:
    """Where places are named, as (start, end), the longest name at each word. "us" and "eu" in small letters are words."""
    words = [match.span() for match in _WORD.finditer(text)]
    longest = _longest()
    found: list[tuple[int, int]] = []
    for i, (start, end) in enumerate(words):
        if found and start < found[-1][1]:
            continue
        first = text[start:end].casefold().replace(".", "")
        for n in range(longest.get(first, 0), 0, -1):
            if i + n <= len(words) and country_of(name := text[start : words[i + n - 1][1]]) is not None and not _is_word(name):
                found.append((start, words[i + n - 1][1]))
                break
    return found


def _is_word(name: str) -> bool:
    return len(name) < 3 and name.islower() and name != "uk"
