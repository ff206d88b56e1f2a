"""Imports a large library without the parts of it that nothing here calls.

crewai and LangChain's client import vector stores, agents of other vendors and types of every OpenAI endpoint before
the first question can be asked: 3.5 s of CPU time, of which 2.3 s are for modules that no line of autointel reaches.
Those are left out: an import of one finds a stand-in, whose names are empty classes that fit into annotations and
refuse to be used. Where a library has changed so that it does not load this way, it is loaded as a whole.
"""

from __future__ import annotations

import gc
import importlib
import logging
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any, Final, NoReturn, Union

from pydantic_core import core_schema
from typing_extensions import override

_log: Final = logging.getLogger(__name__)
# New objects (net of those freed) before the youngest are looked through; a hundred times as many before all are. The
# interpreter's own 700 is for programs that stay small.
_YOUNGEST: Final = 10_000


@dataclass(frozen=True)
class LeftOut:
    """The parts of a library that are not loaded.

    Of ``absent`` modules, nothing and nothing below them; ``never`` are those that are absent for good. Of ``hollow``
    packages, only their own ``__init__``: modules below are loaded where they are imported by name. ``given`` is
    what stands in absent modules and is used all the same, by its dotted name.
    """

    absent: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()
    hollow: frozenset[str] = frozenset()
    given: tuple[tuple[str, Any], ...] = ()


def load(modules: Iterable[str], left_out: LeftOut) -> None:
    """Import ``modules``, in this order, without what is left out. Raises what importing them as a whole raises.

    Whoever imports an absent module afterwards, such as an extension, gets the real one.
    """
    names, before = list(modules), set(sys.modules)
    finder = _Finder(left_out)
    sys.meta_path.insert(0, finder)
    with without_collecting():
        try:
            for name in names:
                importlib.import_module(name)
        except Exception:  # noqa: BLE001  another version of the library, of which a part that was left out is needed
            _log.warning("%s could not be loaded in part; loading all of it", names[0], exc_info=True)
            sys.meta_path.remove(finder)
            parts = (left_out.absent, left_out.never, left_out.hollow)
            tops = {_top(name) for name in names} | {_top(name) for part in parts for name in part}
            _forget(name for name in list(sys.modules) if name not in before and _top(name) in tops)
            for name in names:
                importlib.import_module(name)
        else:
            finder.done = True
            _forget(
                name
                for name, module in list(sys.modules.items())
                if isinstance(module, _StandIn) and not _is_below(name, left_out.never)
            )


@contextmanager
def without_collecting() -> Iterator[None]:
    """Collect no garbage meanwhile, never look through what was loaded, and look through the rest less often.

    Large libraries make a million objects and drop none of them: looking through them for garbage, time and again
    while they come, took a fifth of a start-up. Later, a look through all of them stops every step for 0.03 to
    0.25 s; so what is loaded is set aside.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(_YOUNGEST, *gc.get_threshold()[1:])
        if was_on:
            gc.enable()


class _Finder(MetaPathFinder, Loader):
    """Finds stand-ins; once the library is loaded and ``done``, only for modules that are never loaded."""

    def __init__(self, left_out: LeftOut) -> None:
        self.done = False
        self._left_out = left_out

    @override
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        del target
        places: list[str] | None = None
        if _is_below(fullname, self._left_out.never):
            places = []
        elif self.done:
            return None
        elif _is_below(fullname, self._left_out.absent):
            places = []
        elif fullname in self._left_out.hollow:
            real = PathFinder.find_spec(fullname, path)
            places = list(real.submodule_search_locations or []) if real else None
        if places is None:
            return None
        spec = ModuleSpec(fullname, self, is_package=True)
        spec.submodule_search_locations = places
        return spec

    @override
    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _StandIn(spec.name)

    @override
    def exec_module(self, module: ModuleType) -> None:
        inside = f"{module.__name__}."
        for name, function in self._left_out.given:
            if name.startswith(inside):
                part, _, rest = name.removeprefix(inside).partition(".")
                # A module that holds something is a module wherever it is looked for; other names are classes.
                setattr(module, part, importlib.import_module(inside + part) if rest else function)


class _StandIn(ModuleType):
    """A module in which every name is an empty class."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = _empty(f"{self.__name__}.{name}")
        setattr(self, name, found)
        return found


class _Empty(type):
    """The metaclass of empty classes: every attribute of one is another, and ``X | None`` is an annotation."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _empty(f"{cls.__qualname__}.{name}")

    def __call__(cls, *args: Any, **kwargs: Any) -> NoReturn:
        raise NotImplementedError(f"{cls.__qualname__} is left out of what autointel loads")

    def __or__(cls, other: Any) -> Any:
        return Union[cls, other]  # noqa: UP007  at run time, for classes of this metaclass

    def __ror__(cls, other: Any) -> Any:
        return Union[other, cls]  # noqa: UP007


def _empty(name: str) -> type:
    members = {
        "__module__": __name__,
        "__qualname__": name,
        "__get_pydantic_core_schema__": classmethod(lambda cls, source, handler: core_schema.any_schema()),  # noqa: ARG005
        "__class_getitem__": classmethod(lambda cls, item: cls),  # noqa: ARG005
        "__init_subclass__": classmethod(lambda cls, **options: None),  # noqa: ARG005
    }
    return _Empty(name.rpartition(".")[2], (), members)


def _is_below(name: str, modules: frozenset[str]) -> bool:
    """Whether a module is one of ``modules``, or stands below one."""
    return any(name == each or name.startswith(f"{each}.") for each in modules)


def _forget(names: Iterable[str]) -> None:
    for name in list(names):
        del sys.modules[name]


def _top(name: str) -> str:
    return name.partition(".")[0]
