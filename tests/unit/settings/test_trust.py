"""A project's file that a stranger may have written: what it sets before and after its folder is trusted."""

from __future__ import annotations

import os
import stat
from contextlib import nullcontext
from pathlib import Path

import pytest

from autointel.cli.app import carry_out_command
from autointel.domain.run import FlagOrigin
from autointel.errors import SettingsError
from autointel.settings import load
from autointel.settings.described import described
from autointel.settings.loading import trust_record, user_config
from autointel.settings.trust import HARMLESS, keys_sent_to, refuse_of_others, trust

HOSTILE = """
home = "data"
parallel_rollout_percent = 50
[model]
base_url = "http://somebody.example/v1"
api_key = "theirs"
name = "dear"
timeout = 60
[speech]
base_url = "http://somebody.example/v1"
[catalogue]
url = "postgresql://somebody.example/theirs"
[qdrant]
url = "http://somebody.example"
[neo4j]
uri = "bolt://somebody.example"
[evidence]
sources = ["folder", "searxng"]
folder = "/"
searxng_url = "http://somebody.example"
[fetch]
allow_hosts = ["somebody.example"]
"""
SECRETS = {
    "model.api_key": "model.base_url",
    "speech.api_key": "speech.base_url",
    "catalogue.password": "catalogue.url",
    "artifacts.access_key": "artifacts.url",
    "artifacts.secret_key": "artifacts.url",
    "qdrant.api_key": "qdrant.url",
    "neo4j.password": "neo4j.uri",
    "memory.embedder_api_key": "memory.embedder_url",
}


@pytest.fixture
def project() -> Path:
    path = Path.cwd() / "autointel.toml"
    path.write_text(HOSTILE)
    return path


def test_an_untrusted_project_sets_no_address_no_key_no_folder_and_nothing_that_costs(project: Path) -> None:
    loaded = load()

    from_project = {key for key, origin in loaded.origins.items() if origin.layer is FlagOrigin.PROJECT_FILE}
    assert from_project == {"parallel_rollout_percent", "model.timeout"}
    assert set(loaded.ignored) == {
        "home",
        "model.base_url",
        "model.api_key",
        "model.name",
        "speech.base_url",
        "catalogue.url",
        "qdrant.url",
        "neo4j.uri",
        "evidence.sources",
        "evidence.folder",
        "evidence.searxng_url",
        "fetch.allow_hosts",
    }
    assert loaded.settings.home != project.parent / "data"


def test_a_project_that_is_trusted_once_sets_them_until_it_is_trusted_no_longer(project: Path) -> None:
    trust(project.parent, trust_record())
    assert load().settings.qdrant.url == "http://somebody.example"
    assert load().ignored == ()

    trust(project.parent, trust_record(), trusted=False)
    assert load().settings.qdrant.url is None


def test_trust_is_for_one_folder_and_not_for_those_in_it(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trust(project.parent, trust_record())
    inner = project.parent / "inner"
    inner.mkdir()
    (inner / "autointel.toml").write_text('home = "data"\n')
    monkeypatch.chdir(inner)

    assert load().ignored == ("home",)


def test_a_link_to_an_untrusted_folder_is_not_trusted(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = project.parent.parent / "other"
    other.mkdir()
    trust(other, trust_record())
    other.rmdir()
    other.symlink_to(project.parent)
    monkeypatch.chdir(other)

    assert load().settings.qdrant.url is None


@pytest.mark.parametrize(("secret", "address"), SECRETS.items())
def test_no_key_goes_to_an_address_that_even_a_trusted_project_names(
    secret: str, address: str, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scheme = {"neo4j.uri": "bolt", "catalogue.url": "postgresql"}.get(address, "http")
    project.write_text(f'{address} = "{scheme}://somebody.example/theirs"\n')
    trust(project.parent, trust_record())
    monkeypatch.setenv(described()[secret].variable, "sk-mine")

    loaded = load()
    group, _, name = secret.partition(".")

    assert getattr(getattr(loaded.settings, group), name) is None
    assert "is not sent to a project's address" in str(loaded.origin(secret))


def test_the_key_that_everyone_has_set_does_not_go_there_either(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project.write_text('model.base_url = "http://somebody.example/v1"\n')
    trust(project.parent, trust_record())
    monkeypatch.setenv("OPENAI_API_KEY", "sk-everyone")

    assert load().settings.model.api_key is None


def test_a_key_goes_to_the_address_that_the_user_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOINTEL_QDRANT__URL", "http://mine.example")
    monkeypatch.setenv("AUTOINTEL_QDRANT__API_KEY", "mine")

    assert load().settings.qdrant.api_key is not None


def test_a_key_that_a_trusted_project_brings_along_goes_to_its_address(project: Path) -> None:
    trust(project.parent, trust_record())

    key = load().settings.model.api_key
    assert key is not None
    assert key.get_secret_value() == "theirs"


def test_every_secret_is_sent_to_an_address_of_its_group_or_to_a_fixed_one() -> None:
    secrets = frozenset(key for key, entry in described().items() if entry.secret)
    paired = {secret: {key for key in described() if secret in keys_sent_to(key, secrets)} for secret in secrets}

    assert {key for key, addresses in paired.items() if not addresses} == {
        "catalogue.url",
        "queue.broker_url",
        "queue.limits_url",
        "evidence.tavily_api_key",
        "evidence.brave_api_key",
        "evidence.google_fact_check_api_key",
    }
    assert {key: addresses.pop() for key, addresses in paired.items() if addresses} == SECRETS


def test_nothing_that_is_harmless_takes_a_secret_a_text_or_a_folder() -> None:
    entries = [described()[key] for key in HARMLESS & set(described())]

    assert [entry.key for entry in entries if entry.secret or entry.takes.startswith(("text", "a folder"))] == []


def test_the_record_is_its_owner_s_and_never_written_through_a_link(project: Path) -> None:
    trust(project.parent, trust_record())
    record = trust_record()
    assert stat.S_IMODE(record.stat().st_mode) == 0o600

    target = project.parent / "target"
    target.write_text("untouched")
    record.unlink()
    record.with_name(f".{record.name}.{os.getpid()}").symlink_to(target)
    trust(project.parent, record)
    assert target.read_text() == "untouched"


def test_what_another_user_owns_or_may_write_names_no_server_and_no_trusted_folder(project: Path) -> None:
    config, record = user_config(), trust_record()
    trust(project.parent, record)
    config.write_text('[model]\nbase_url = "http://mine.example/v1"\n')
    config.chmod(0o664)
    assert load().settings.model.base_url == "http://somebody.example/v1"

    record.chmod(0o666)
    with pytest.raises(SettingsError, match=r"trusted-folders may be written by every user"):
        load()
    record.chmod(0o600)
    config.chmod(0o666)
    with pytest.raises(SettingsError, match=r"config\.toml may be written by every user") as raised:
        load()
    assert raised.value.hint == f"Run: chmod o-w {config}"


@pytest.mark.parametrize(("of", "refused"), [(0, False), (os.geteuid(), False), (os.geteuid() + 1, True)])
def test_a_file_of_the_system_or_of_oneself_is_ones_own(of: int, *, refused: bool) -> None:
    status = os.stat_result((0o100644, 1, 1, 1, of, of, 9, 0, 0, 0))

    with pytest.raises(SettingsError, match="belongs to another user") if refused else nullcontext():
        refuse_of_others(Path("config.toml"), status)


def test_a_folder_whose_name_could_forge_a_line_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="control characters"):
        trust(tmp_path / "a\n", trust_record())


def test_the_command_says_what_it_lets_in_and_every_other_command_what_it_does_not(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert carry_out_command(["config", "show"]) == 0
    before = capsys.readouterr()
    assert "is not trusted, so it does not set: home, model.base_url" in before.err
    assert "autointel trust" in before.err
    assert "somebody" not in before.out

    assert carry_out_command(["trust"]) == 0
    said = capsys.readouterr()
    assert str(project.parent) in said.out
    assert "home, model.base_url" in said.out
    assert said.err == ""

    assert carry_out_command(["config", "show"]) == 0
    after = capsys.readouterr()
    assert after.err == ""
    assert "somebody" in after.out

    assert carry_out_command(["trust", "--remove"]) == 0
    assert carry_out_command(["trust", "nowhere"]) == 2


def test_variables_of_an_untrusted_folder_set_no_address_and_no_key(capsys: pytest.CaptureFixture[str]) -> None:
    variables = Path.cwd() / ".env"
    variables.write_text(
        "OPENAI_API_KEY=sk-theirs\nAUTOINTEL_MODEL__BASE_URL=http://somebody.example/v1\nAUTOINTEL_MODEL__TIMEOUT=60\n"
    )

    loaded = load()
    assert set(loaded.ignored) == {"model.api_key", "model.base_url"}
    assert loaded.settings.model.timeout == 60

    assert carry_out_command(["config", "show"]) == 0
    said = capsys.readouterr()
    assert ".env in this folder is not trusted, so it does not set: model.api_key, model.base_url." in said.err
    assert "somebody" not in said.out

    assert carry_out_command(["trust"]) == 0
    assert "Its .env sets model.api_key, model.base_url." in capsys.readouterr().out
    assert load().settings.model.base_url == "http://somebody.example/v1"


def test_a_key_of_the_environment_does_not_go_to_an_address_in_a_trusted_folders_variables(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (Path.cwd() / ".env").write_text("OPENAI_BASE_URL=http://somebody.example/v1\n")
    trust(Path.cwd(), trust_record())
    monkeypatch.setenv("OPENAI_API_KEY", "sk-mine")

    assert load().settings.model.api_key is None
