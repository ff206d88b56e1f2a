from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from autointel.environment import SWITCHES, absolute_only, forget_working_folder, scrub


@pytest.mark.parametrize(
    "name",
    [
        "LANGSMITH_TRACING_V2",
        "LANGSMITH_ENDPOINT",
        "LANGSMITH_RUNS_ENDPOINTS",
        "LANGCHAIN_API_KEY",
        "LANGCHAIN_CALLBACKS_BACKGROUND",
        "langsmith_project",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "OTEL_PYTHON_CONFIGURATOR",
        "TRACELOOP_BASE_URL",
        "CREWAI_PLUS_URL",
        "https_proxy",
        "ALL_PROXY",
        "OPENAI_API_BASE",
        "OPENAI_PROXY",
        "OPENAI_ORG_ID",
        "OPENAI_PROJECT_ID",
        "OPENAI_CUSTOM_HEADERS",
        "AZURE_OPENAI_ENDPOINT",
        "HOSTALIASES",
        "PGHOSTADDR",
        "PGSERVICE",
        "PGSERVICEFILE",
        "CELERY_BROKER_URL",
        "CELERY_LOADER",
        "CELERYD_BROKER",
        "KOMBU_LOG_CONNECTION",
        "SSLKEYLOGFILE",
        "LOCALDOMAIN",
        "LBUG_C_API_LIB_PATH",
        "LBUG_PYTHON_BACKEND",
        "YTDLP_PLUGINS",
    ],
)
def test_whatever_names_a_tracer_a_proxy_or_another_address_is_removed(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "http://somebody.example")

    scrub()

    assert os.environ.get(name, "") in {"", *SWITCHES.values()}


@pytest.mark.parametrize("name", SWITCHES)
def test_every_switch_is_set_whatever_the_environment_says(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "")

    scrub()

    assert os.environ[name] == SWITCHES[name]


def test_the_library_of_the_graph_is_its_own_and_no_other() -> None:
    """Any other way it looks for one in the working folder, too."""
    scrub()

    from ladybug import Database

    assert Database._resolve_backend_preference("auto") == "pybind"


def test_what_the_user_needs_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {
        "OPENAI_API_KEY": "sk",
        "OPENAI_BASE_URL": "http://a",
        "AUTOINTEL_HOME": "/x",
        "SSL_CERT_FILE": "/c",
        "NO_COLOR": "1",
        "LANG": "C",
    }
    for name, value in kept.items():
        monkeypatch.setenv(name, value)

    scrub()

    assert {name: os.environ[name] for name in kept} == kept


@pytest.mark.parametrize(
    ("path", "left"),
    [
        (".:/bin", "/bin"),
        ("/bin:", "/bin"),
        (":/bin", "/bin"),
        ("bin:./x:../y:/a::/b", "/a:/b"),
        ("", ""),
        ("~/bin", ""),
    ],
)
def test_programs_and_modules_are_never_looked_for_in_the_working_folder(path: str, left: str) -> None:
    assert absolute_only(path) == left


def test_the_working_folder_leaves_pythons_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", ["", str(Path.cwd()), "relative", "/usr/lib"])

    forget_working_folder(Path("/somewhere/autointel/__init__.py"))

    assert sys.path == ["/usr/lib"]


def test_a_program_that_is_loaded_from_the_working_folder_stays_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(Path.cwd()), "/usr/lib"])

    forget_working_folder(Path.cwd() / "autointel" / "__init__.py")

    assert sys.path == [str(Path.cwd()), "/usr/lib"]


@pytest.mark.xdist_group("one worker")
@pytest.mark.parametrize("number", range(2))
def test_tests_of_a_group_go_to_one_worker(request: pytest.FixtureRequest, number: int) -> None:
    # pytest-xdist sends the group behind the name of the test; pytest 9.2 dropped it without a word.
    grouped = request.config.getoption("loadgroup", default=False)

    assert not grouped or request.node.nodeid.endswith(f"[{number}]@one worker")
