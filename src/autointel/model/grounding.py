"""Ask, check the reply by code, say once what is wrong with it, then take what holds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from typing import Protocol, TypeVar

R = TypeVar("R")
T = TypeVar("T")
R_contra = TypeVar("R_contra", contravariant=True)
T_co = TypeVar("T_co", covariant=True)


class Ungrounded(Exception):
    """A reply holds quotes, ids or sentences that rest on nothing; the model is told ``problems``, once."""

    def __init__(self, problems: str) -> None:
        super().__init__(problems)
        self.problems = problems


class Accept(Protocol[R_contra, T_co]):
    """Checks a reply by code."""

    def __call__(self, reply: R_contra, /, *, last: bool) -> T_co:
        """What holds of the reply. Raises Ungrounded where something does not, unless this is the ``last`` try."""
        ...


async def ask_until_grounded(ask: Callable[[str], Awaitable[R]], accept: Accept[R, T]) -> T:
    """Ask at most twice. ``ask`` gets the text to add to its prompt: empty at first, then what was wrong.

    Raises what ``ask`` raises.
    """
    asking = _asking(accept)
    remark = next(asking)
    while True:
        reply = await ask(remark)
        try:
            remark = asking.send(reply)
        except StopIteration as accepted:
            found: T = accepted.value
            return found


def ask_until_grounded_in_thread(ask: Callable[[str], R], accept: Accept[R, T]) -> T:
    """The same for a thread that may block, such as CrewAI's."""
    asking = _asking(accept)
    remark = next(asking)
    while True:
        try:
            remark = asking.send(ask(remark))
        except StopIteration as accepted:
            found: T = accepted.value
            return found


def _asking(accept: Accept[R, T]) -> Generator[str, R, T]:
    """Yields what to add to the prompt, takes the reply, returns what was accepted."""
    reply = yield ""
    try:
        return accept(reply, last=False)
    except Ungrounded as rejected:
        problems = rejected.problems
    reply = yield f"\n\nYour last answer was rejected: {problems}\nAnswer again; cite only what is above."
    return accept(reply, last=True)
