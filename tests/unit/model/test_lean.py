"""A large library is loaded without parts that nothing calls, and without looking for garbage meanwhile."""

from __future__ import annotations

import gc
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import cast

import pytest

from autointel.model.lean import LeftOut, load, without_collecting

# A library of the usual make: what is needed imports what is not, for an annotation, a union and a base class.
FILES = {
    "__init__.py": "import bigbox.heavy\nfrom bigbox.core import answer\n",
    "core.py": """
from pydantic import BaseModel
from bigbox.heavy import store
from bigbox.heavy.store import Client, Params
from bigbox.tracer import hooks

class Options(BaseModel):
    client: Client | None = None
    params: "dict[str, Params] | Client" = {}

class Mine(Params, total=False):
    pass

def answer():
    return hooks.is_on(), Options(client=3).client

def reach():
    return Client.of("here").open()
""",
    "heavy/__init__.py": "raise ImportError('heavy was loaded')\n",
    "heavy/store.py": "Client = Params = None\n",
    "tracer/__init__.py": "raise ImportError('a tracer was loaded')\n",
    "tracer/hooks.py": "def is_on():\n    return True\n",
    "many/__init__.py": "import bigbox.heavy\n",
    "many/one.py": "value = 1\n",
}
LEFT_OUT = LeftOut(
    absent=frozenset({"bigbox.heavy"}),
    never=frozenset({"bigbox.tracer"}),
    hollow=frozenset({"bigbox.many"}),
    given=(("bigbox.tracer.hooks.is_on", lambda: False),),
)


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name, text in FILES.items():
        path = tmp_path / "bigbox" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    finders = list(sys.meta_path)
    yield tmp_path / "bigbox"
    sys.meta_path[:] = finders
    for name in [name for name in sys.modules if name.partition(".")[0] == "bigbox"]:
        del sys.modules[name]


@pytest.fixture(autouse=True)
def collector_left_as_it_was() -> Iterator[None]:
    was_on, thresholds = gc.isenabled(), gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()
    (gc.enable if was_on else gc.disable)()


@pytest.mark.usefixtures("library")
def test_what_is_left_out_fits_into_annotations_unions_and_base_classes() -> None:
    load(["bigbox"], LEFT_OUT)

    assert sys.modules["bigbox"].answer() == (False, 3)


@pytest.mark.usefixtures("library")
def test_what_is_left_out_refuses_to_be_used() -> None:
    load(["bigbox"], LEFT_OUT)

    with pytest.raises(NotImplementedError, match=r"bigbox.heavy.store.Client.of is left out"):
        sys.modules["bigbox.core"].reach()


@pytest.mark.usefixtures("library")
def test_modules_of_a_hollow_package_are_real() -> None:
    load(["bigbox", "bigbox.many.one"], LEFT_OUT)

    assert sys.modules["bigbox.many.one"].value == 1


def test_whoever_imports_such_a_module_afterwards_gets_the_real_one_but_never_a_tracer(library: Path) -> None:
    load(["bigbox", "bigbox.many.one"], LEFT_OUT)
    (library / "heavy" / "__init__.py").write_text("size = 7\n")

    assert importlib.import_module("bigbox.heavy").size == 7
    assert importlib.import_module("bigbox.tracer.hooks").is_on() is False


def test_a_version_that_needs_what_is_left_out_is_loaded_as_a_whole(
    library: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (library / "heavy" / "__init__.py").write_text("")
    (library / "heavy" / "store.py").write_text("class Client:\n    pass\n\n\nParams = dict\n")
    (library / "tracer" / "__init__.py").write_text("")
    core = (library / "core.py").read_text().replace("class Mine(Params, total=False)", "class Mine(Client)")
    (library / "core.py").write_text(
        core.replace("class Options(BaseModel)", "CLIENT = Client()\nclass Options(BaseModel)")
        .replace("client: Client | None", "client: int | None")
        .replace("dict[str, Params] | Client", "dict[str, int]")
    )

    load(["bigbox"], LEFT_OUT)

    assert sys.modules["bigbox"].answer() == (True, 3)
    assert "loading all of it" in caplog.text


def test_no_garbage_is_collected_meanwhile() -> None:
    gc.enable()

    with without_collecting():
        assert not gc.isenabled()

    assert gc.isenabled()


def test_what_was_loaded_is_set_aside() -> None:
    gc.unfreeze()

    with without_collecting():
        pass

    assert gc.get_freeze_count() > 0


def test_what_comes_later_is_looked_through_less_often() -> None:
    gc.set_threshold(700, 10, 10)

    with without_collecting():
        pass

    assert gc.get_threshold() == (10_000, 10, 10)


def test_a_collector_that_was_off_stays_off_and_a_failed_import_changes_nothing_of_that() -> None:
    gc.disable()

    with pytest.raises(ImportError), without_collecting():
        raise ImportError("not there")

    assert not gc.isenabled()


class Importing:
    """Something among the loaded modules during whose look another thread imports."""

    def __getattribute__(self, name: str) -> object:
        sys.modules["imported.meanwhile"] = ModuleType("imported.meanwhile")
        return object.__getattribute__(self, name)


@pytest.mark.usefixtures("library")
def test_what_another_thread_imports_meanwhile_is_in_nobody_s_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "imported.meanwhile", raising=False)
    monkeypatch.setitem(sys.modules, "importing", cast("ModuleType", Importing()))

    load(["bigbox.core"], LEFT_OUT)

    assert "imported.meanwhile" in sys.modules
    assert importlib.import_module("bigbox.core").answer() == (False, 3)
