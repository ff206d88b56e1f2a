"""What every test stands on: an empty home, an empty folder, an empty environment."""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

import hypothesis
import pytest
from hypothesis.internal.conjecture import providers
from typing_extensions import override

from autointel.errors import hide_secrets

# Hypothesis draws one value in twenty from the numbers in the modules that are loaded: the same test then draws other
# examples in another process, or beside other tests, and a gate that was green is red.
providers._get_local_constants = lambda: providers._local_constants
# Deadlines would be timing asserts; a database would be written into the folder that pytest was started in.
hypothesis.settings.register_profile(
    "autointel",
    deadline=None,
    database=None,
    # The gate gives the same answer twice; ``make test-explore`` draws new examples.
    derandomize=True,
    # Derandomized examples are the same each time: more of them cost minutes and say nothing new the second time.
    max_examples=40,
    print_blob=True,
    # A busy machine draws slowly; that says nothing of the code.
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
# ``make test-fast`` draws fewer examples, ``make test-explore`` ten times as many.
hypothesis.settings.register_profile("fast", hypothesis.settings.get_profile("autointel"), max_examples=15)
hypothesis.settings.register_profile(
    "explore", hypothesis.settings.get_profile("autointel"), derandomize=False, max_examples=400
)
hypothesis.settings.load_profile("autointel")


# By name, not by a mark at each: whether a test is slow is measured (scripts/find_slow.py), not an opinion.
_SLOW = frozenset((Path(__file__).parent / "slow.txt").read_text(encoding="utf-8").split())


# Coverage's tracers of this thread and of those to come. Counting doubles the seconds of what runs meanwhile: tests and
# fixtures are counted, and neither pytest's own code nor tests marked ``uncounted``, which take many seconds and pass
# through lines that other tests pass through as well. (pytest-cov's own mark stops nothing in a worker of xdist.)
_tracers: list[Any] = [None, None]
_installing = threading.Lock()


@contextmanager
def _counted(*, on: bool) -> Iterator[None]:
    """Turn counting on or off for a while, where coverage counts at all."""
    before = sys.gettrace(), threading.gettrace()
    here, in_threads = _tracers if on else (None, None)
    threading.settrace(in_threads)
    _trace(here)
    try:
        yield
    finally:
        _trace(before[0])
        threading.settrace(before[1])


def _trace(tracer: Any) -> None:
    """Trace this thread. Python refuses a tracer while another thread installs its own: they take turns."""
    with _installing:
        sys.settrace(tracer)
        _call()  # at the first call coverage puts its tracer in the place of its installer


def _call() -> None:
    """Do nothing."""


class _TracerOfThreads:
    """Installs a tracer in each thread that starts: ``threading`` asks whether there is one, and is told no."""

    def __init__(self, tracer: Any) -> None:
        self._tracer = tracer

    def __bool__(self) -> bool:
        _trace(self._tracer)
        return False


class _CountedModule(SourceFileLoader):
    """A module of the program, whose lines are counted while it is imported."""

    @override
    def exec_module(self, module: ModuleType) -> None:
        with _counted(on=True):
            super().exec_module(module)


class _CountedModules(MetaPathFinder):
    """Finds the program's modules as Python does."""

    @override
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        found = PathFinder.find_spec(fullname, path, target) if fullname.startswith("autointel") else None
        if found and isinstance(found.loader, SourceFileLoader):
            found.loader = _CountedModule(found.loader.name, found.loader.path)
        return found


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Where slow tests are left out anyway, a file of nothing else need not be loaded (openai alone takes a second)."""
    named = collection_path.relative_to(config.rootpath).as_posix() if collection_path.suffix == ".py" else ""
    return True if named in _SLOW and config.getoption("markexpr") == "not slow" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is slow: what was measured so, and whatever loads crewai, which takes seconds.

    The fast tests of a file go to one worker together, and the examples of a slow one. pytest-xdist 3.8 counts all
    units of work that it has given out at each test that ends: with 7,000 units that alone took half a minute.
    """
    for item in items:
        group = item.get_closest_marker("xdist_group")
        function = item.nodeid.partition("[")[0]
        name = function.replace("/", ".").replace(".py::", ".").replace("::", ".")
        if name in _SLOW or (group is not None and "crew" in group.args):
            item.add_marker(pytest.mark.slow)
        if group is None:
            slow = item.get_closest_marker("slow") is not None
            item.add_marker(pytest.mark.xdist_group(function if slow else function.partition("::")[0]))


# What the interpreter, pytest and coverage need; everything else belongs to whoever started the tests.
_KEPT = (
    "HOME",
    "USERPROFILE",
    "PATH",
    "TMPDIR",
    "TEMP",
    "TMP",
    "SYSTEMROOT",
    "LANG",
    "LC_ALL",
    "VIRTUAL_ENV",
    "PYTHONPATH",
)
_KEPT_PREFIXES = ("PYTEST_", "COVERAGE_", "COV_CORE_")


def _strangers() -> list[str]:
    """Variables that belong to whoever started the tests."""
    return [name for name in os.environ if name not in _KEPT and not name.startswith(_KEPT_PREFIXES)]


def pytest_configure() -> None:
    """Give the whole session a home of its own.

    Whatever is imported before the first test runs may write there; crewai makes ~/.config/crewai.
    """
    home = tempfile.mkdtemp(prefix="autointel-tests-")
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    os.environ["HOME"] = os.environ["USERPROFILE"] = home
    for name in [name for name in os.environ if name.startswith("XDG_")]:
        del os.environ[name]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None]:
    """Look for no garbage among what is collected, which stays to the end, and count no line of pytest.

    All workers collect all tests, so that each second spent here is spent three times.
    """
    gc.disable()
    in_threads = threading.gettrace()
    _tracers[:] = sys.gettrace(), in_threads and _TracerOfThreads(in_threads)
    sys.meta_path.insert(0, _CountedModules())
    try:
        with _counted(on=False):
            return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_finish() -> None:
    """Test modules have read the addresses of the real servers; no fixture and no test may see them.

    The fixture below clears what a test or a wider fixture has set since; clearing all for each test took seconds.
    """
    for name in _strangers():
        del os.environ[name]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtestloop() -> Generator[None, Any, Any]:
    """Count nothing of what pytest itself does between tests."""
    with _counted(on=False):
        return (yield)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_fixture_setup() -> Generator[None, Any, Any]:
    """Count what a fixture does at its start."""
    with _counted(on=True):
        return (yield)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Count what a test does, unless it is marked ``uncounted``."""
    with _counted(on=item.get_closest_marker("uncounted") is None):
        return (yield)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_teardown() -> Generator[None, Any, Any]:
    """Count what fixtures do at their end."""
    with _counted(on=True):
        return (yield)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Three workers for two cores: a slow test waits for a program or a socket most of its time."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores if config.getoption("markexpr") == "not slow" else cores + cores // 2


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for each test, numbered by us: pytest would read the whole folder again to find the next number."""
    base = tmp_path_factory.mktemp("surroundings")
    return (base / str(number) for number in count())


@pytest.fixture(autouse=True)
def clean_surroundings(ground: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes what belongs to the person who runs it."""
    for name in _strangers():
        monkeypatch.delenv(name)
    surroundings = next(ground)
    home, work = surroundings / "home", surroundings / "work"
    home.mkdir(parents=True)
    work.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.chdir(work)
    hide_secrets(())
