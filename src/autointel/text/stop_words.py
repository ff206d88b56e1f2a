"""Words that say nothing about what a sentence is about."""

from __future__ import annotations

from typing import Final

STOP_WORDS: Final = frozenset(
    """
    a about after again all also am an and any are as at be because been before being between both but by came can
    come could did do does doing done down during each even ever every few for from further get given go goes had has
    have having he her here hers him his how i if in into is it its just know like made make many me might more most
    much must my no nor not now of off on once one only or other our out over own per put said same say says see she
    should since so some such take than that the their them then there these they this those through to too under
    until up us very want was way we well were what when where whether which while who whom whose why will with would
    yes yet you your
    """.split()
)
