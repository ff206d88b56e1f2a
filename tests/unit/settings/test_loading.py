from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from autointel.domain.run import FlagOrigin
from autointel.errors import SettingsError
from autointel.settings import Origin, load
from autointel.settings.loading import trust_record
from autointel.settings.trust import trust


@pytest.fixture
def project() -> Path:
    return Path.cwd() / "autointel.toml"


@pytest.fixture
def user() -> Path:
    path = Path.home() / ".config" / "autointel" / "config.toml"
    path.parent.mkdir(parents=True)
    return path


def test_without_anything_set_every_value_is_its_default() -> None:
    loaded = load()

    assert loaded.origins == {}
    assert loaded.origin("model.name").layer is FlagOrigin.DEFAULT
    assert loaded.settings.memory.max_concurrent_memory_insertions == 10
    assert loaded.settings.memory.batch_size == 50
    assert loaded.settings.memory.flush_seconds == 5
    assert loaded.settings.home == Path.home() / ".local" / "share" / "autointel"


def test_each_layer_beats_the_one_below_it(project: Path, user: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    user.write_text("[memory]\nbatch_size = 1\nflush_seconds = 1\nmax_concurrent_memory_insertions = 1\n")
    project.write_text("[memory]\nbatch_size = 2\nflush_seconds = 2\n")
    monkeypatch.setenv("AUTOINTEL_MEMORY__BATCH_SIZE", "3")

    loaded = load()
    memory = loaded.settings.memory

    assert (memory.max_concurrent_memory_insertions, memory.flush_seconds, memory.batch_size) == (1, 2, 3)
    assert loaded.origin("memory.max_concurrent_memory_insertions") == Origin(FlagOrigin.USER_FILE, str(user))
    assert loaded.origin("memory.flush_seconds") == Origin(FlagOrigin.PROJECT_FILE, str(project))
    assert loaded.origin("memory.batch_size") == Origin(FlagOrigin.ENVIRONMENT, "AUTOINTEL_MEMORY__BATCH_SIZE")
    assert load({"memory.batch_size": 4}).settings.memory.batch_size == 4
    assert load({"memory.batch_size": 4}).origin("memory.batch_size").layer is FlagOrigin.OPTION


def test_the_users_file_is_looked_for_where_configuration_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "autointel").mkdir()
    (tmp_path / "autointel" / "config.toml").write_text('model.name = "small"\n')
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))

    assert load().settings.model.name == "small"


def test_the_home_moves_and_stays_put(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOINTEL_HOME", "~/kept")
    assert load().settings.home == Path.home() / "kept"

    monkeypatch.setenv("AUTOINTEL_HOME", "here")
    assert load().settings.home == Path.cwd() / "here"


@pytest.mark.parametrize("home", [".", "here", "~"])
def test_a_home_of_the_user_that_is_the_working_folder_is_refused(home: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (Path.cwd() / ".config" / "autointel").mkdir(parents=True)
    (Path.cwd() / ".config" / "autointel" / "config.toml").write_text('model.base_url = "http://stranger.example"\n')
    monkeypatch.setenv("HOME", home)

    with pytest.raises(SettingsError, match=f"HOME is '{home}', which is no absolute path"):
        load()


def test_the_home_follows_the_platforms_own_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))

    assert load().settings.home == tmp_path / "autointel"


def test_an_empty_variable_is_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOINTEL_MODEL__BASE_URL", "")
    monkeypatch.setenv("OPENAI_API_KEY", "")

    assert load().origins == {}


@pytest.mark.parametrize(
    ("text", "hosts"), [("a.example", ("a.example",)), ("a.example, b.example,", ("a.example", "b.example"))]
)
def test_lists_are_comma_separated_in_the_environment(
    text: str, hosts: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOINTEL_FETCH__ALLOW_HOSTS", text)

    assert load().settings.fetch.allow_hosts == hosts


def test_no_evidence_at_all_can_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOINTEL_EVIDENCE__SOURCES", "none")

    assert load().settings.evidence.sources == ()


def test_lists_are_lists_in_a_file(project: Path) -> None:
    project.write_text('fetch.allow_hosts = ["a.example"]\n')
    trust(Path.cwd(), trust_record())

    assert load().settings.fetch.allow_hosts == ("a.example",)


def test_the_key_that_everyone_has_set_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-everyone")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://everyone.example/v1")

    loaded = load()

    assert loaded.settings.model.api_key is not None
    assert loaded.settings.model.api_key.get_secret_value() == "sk-everyone"
    assert loaded.settings.model.base_url == "http://everyone.example/v1"
    assert str(loaded.origin("model.api_key")) == "OPENAI_API_KEY"


def test_white_space_that_came_along_with_a_key_is_no_part_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOINTEL_MODEL__API_KEY", " sk-copied\n")

    loaded = load()

    assert loaded.settings.model.api_key is not None
    assert loaded.settings.model.api_key.get_secret_value() == "sk-copied"


def test_our_own_variables_beat_the_general_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://everyone.example/v1")
    monkeypatch.setenv("AUTOINTEL_MODEL__BASE_URL", "http://ours.example/v1")

    loaded = load()

    assert loaded.settings.model.base_url == "http://ours.example/v1"
    assert str(loaded.origin("model.base_url")) == "AUTOINTEL_MODEL__BASE_URL"


def test_a_secret_is_masked_wherever_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOINTEL_MODEL__API_KEY", "sk-secret")

    assert "sk-secret" not in repr(load())
    assert "sk-secret" not in load().settings.model_dump_json()


@pytest.mark.parametrize("name", ["ENABLE_PARALLEL_ANALYSIS", "AUTOINTEL_ENABLE_PARALLEL_ANALYSIS"])
@pytest.mark.parametrize(("text", "value"), [("1", True), ("0", False), ("true", True), ("false", False)])
def test_flags_have_their_plain_names_too(name: str, text: str, value: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001
    monkeypatch.setenv(name, text)

    assert load().settings.enable_parallel_analysis is value
    assert str(load().origin("enable_parallel_analysis")) == name


def test_a_prefixed_flag_beats_its_plain_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENABLE_PARALLEL_ANALYSIS", "1")
    monkeypatch.setenv("AUTOINTEL_ENABLE_PARALLEL_ANALYSIS", "0")

    assert load().settings.enable_parallel_analysis is False


def refused() -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        load()
    assert caught.value.exit_code == 2
    return caught.value


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("AUTOINTEL_HOEM", "AUTOINTEL_HOME"),
        ("AUTOINTEL_MODEL__NAEM", "AUTOINTEL_MODEL__NAME"),
        ("AUTOINTEL_MODEL_NAME", "AUTOINTEL_MODEL__NAME"),
        ("AUTOINTEL_MODELL__NAME", "AUTOINTEL_MODEL__NAME"),
        ("AUTOINTEL_MEMORY__MAX_CONCURRENT_INSERTIONS", "AUTOINTEL_MEMORY__MAX_CONCURRENT_MEMORY_INSERTIONS"),
    ],
)
def test_a_mistyped_variable_is_an_error_that_says_what_was_meant(
    name: str, meant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "x")

    error = refused()

    assert error.message == f"Unknown setting {name} (did you mean {meant}?)."


def test_a_variable_like_no_other_is_an_error_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOINTEL_XYZZY", "1")

    assert refused().hint == "Correct it or take it out. autointel config show then lists all settings."


def test_a_whole_group_in_one_variable_is_not_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOINTEL_MODEL", '{"name": "small"}')

    assert refused().message.startswith("Unknown setting AUTOINTEL_MODEL ")


@pytest.mark.parametrize(
    ("text", "key", "meant"),
    [
        ("[model]\nnaem = 1\n", "model.naem", "model.name"),
        ("hoem = 1\n", "hoem", "home"),
        ("[modle]\nname = 1\n", "modle.name", "model.name"),
        ("[model.name]\ndeep = 1\n", "model.name.deep", "model.name"),
        ("[model.extra]\n", "model.extra", None),
        ("[nothing]\n", "nothing", None),
    ],
)
def test_an_unknown_key_names_its_file_and_what_was_meant(
    project: Path, text: str, key: str, meant: str | None
) -> None:
    project.write_text(text)

    error = refused()

    near = f" (did you mean {meant}?)" if meant else ""
    assert error.message == f"Unknown setting {key}{near} in {project}."


def test_an_empty_table_sets_nothing(project: Path) -> None:
    project.write_text("[model]\n")

    assert load().origins == {}


def test_a_value_where_a_table_belongs_is_an_error(project: Path) -> None:
    project.write_text("model = 3\n")

    error = refused()

    assert error.message == f"model in {project} is 3, not a table."
    assert error.hint == "Write its settings under [model]."


@pytest.mark.parametrize(
    ("name", "value", "takes"),
    [
        ("AUTOINTEL_MEMORY__MAX_CONCURRENT_MEMORY_INSERTIONS", "51", "a whole number from 1 to 50. The default is 10."),
        ("AUTOINTEL_MEMORY__MAX_CONCURRENT_MEMORY_INSERTIONS", "0", "a whole number from 1 to 50. The default is 10."),
        ("AUTOINTEL_MEMORY__EMBEDDER", "bert", "wordllama or openai. The default is wordllama."),
        ("AUTOINTEL_MODEL__BASE_URL", "localhost:11434", "text such as http://localhost:11434/v1."),
        (
            "AUTOINTEL_EVIDENCE__SOURCES",
            "wikipedia,bing",
            "a list of: brave or folder or google-fact-check or searxng or tavily or wikipedia or memory.",
        ),
        ("AUTOINTEL_MODEL__TIMEOUT", "soon", "a number above 0, at most 600. The default is 30."),
        ("ENABLE_PARALLEL_ANALYSIS", "perhaps", "true or false."),
        ("PARALLEL_ROLLOUT_PERCENT", "101", "a whole number from 0 to 100. The default is 0."),
    ],
)
def test_a_value_out_of_range_names_the_variable_and_the_range(
    name: str, value: str, takes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)

    error = refused()

    assert error.message.startswith(f"{name} has an invalid value: ")
    assert value.rpartition(",")[2] in error.message
    assert error.hint.startswith(f"It takes {takes}")


def test_a_value_out_of_range_in_a_file_names_key_and_file(project: Path) -> None:
    project.write_text("[memory]\nbatch_size = 0\n")

    assert refused().message == f"memory.batch_size in {project} has an invalid value: 0."


def test_a_secret_of_the_wrong_kind_is_not_repeated(project: Path) -> None:
    project.write_text("[model]\napi_key = 987654\n")
    trust(Path.cwd(), trust_record())

    error = refused()

    assert "987654" not in error.message + error.hint
    assert error.__cause__ is None


@pytest.mark.parametrize("content", [b"[model\n", b"name = \xff\n"])
def test_a_broken_file_is_one_sentence(project: Path, content: bytes) -> None:
    project.write_bytes(content)

    error = refused()

    assert error.message.startswith(f"{project} is not valid TOML")
    assert error.hint


@pytest.mark.parametrize("name", ["autointel.toml", ".env"])
def test_a_file_that_no_settings_need_to_be_as_long_as_is_not_read_to_its_end(name: str, project: Path) -> None:
    """A stranger's file may cost minutes: dotted keys take time with the square of their parts."""
    path = project.with_name(name)
    path.write_text(f"a{'.a' * 200_000} = 1\n")

    error = refused()

    assert error.message.startswith(f"{path} has more than ")
    assert error.hint == "Shorten it, or move it away."


def test_a_link_to_bytes_without_end_and_a_pipe_that_nobody_fills_are_not_read(project: Path) -> None:
    project.symlink_to("/dev/zero")
    assert refused().message == f"{project} is not an ordinary file."

    project.unlink()
    os.mkfifo(project)
    assert refused().message == f"{project} is not an ordinary file."


def test_a_folder_where_a_file_belongs_is_one_sentence(project: Path) -> None:
    project.mkdir()

    error = refused()

    assert error.message == f"{project} cannot be read: Is a directory."


def test_options_are_checked_like_everything_else() -> None:
    wrong: dict[str, Any] = {"memory.batch_size": -1}

    with pytest.raises(SettingsError, match=r"memory.batch_size has an invalid value: -1"):
        load(wrong)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("AUTOINTEL_HOME", "~nobody-of-that-name"),
        ("AUTOINTEL_EVIDENCE__FOLDER", "~nobody-of-that-name/texts"),
        ("AUTOINTEL_MODEL__BASE_URL", "http://local host/v1"),
        ("AUTOINTEL_MODEL__BASE_URL", "http://localhost/\x1b[2J"),
        ("AUTOINTEL_QDRANT__URL", "http://local\thost:6333"),
        ("AUTOINTEL_EVIDENCE__CONTACT", "ann@example.org\nX-Other: header"),
        ("AUTOINTEL_MODEL__API_KEY", "sk-schlüssel"),
        ("AUTOINTEL_EVIDENCE__BRAVE_API_KEY", "copied with\na line break"),
        ("AUTOINTEL_QUEUE__BROKER_URL", "amqp://[::1"),
        ("AUTOINTEL_QUEUE__LIMITS_URL", "redis://[::1"),
        ("AUTOINTEL_CATALOGUE__URL", "postgresql://[::1"),
    ],
)
def test_what_could_only_fail_later_is_refused_now(variable: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, value)

    error = refused()

    assert error.message.startswith(f"{variable} has an invalid value")
    assert error.exit_code == 2
    secret = variable.endswith(("KEY", "BROKER_URL", "LIMITS_URL", "CATALOGUE__URL"))
    assert secret == (value not in error.message and repr(value) not in error.message)


def test_a_file_nested_too_deeply_is_one_sentence(project: Path) -> None:
    project.write_text(f"a = {'[' * 5000}{']' * 5000}\n")

    assert refused().message == f"{project} is nested too deeply."


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [
        ("ENABLE_PARALLEL_ANALYSES", "ENABLE_PARALLEL_ANALYSIS"),
        ("enable_parallel_memory_ops", "ENABLE_PARALLEL_MEMORY_OPS"),
        ("PARALLEL_ROLLOUT_PERCENTAGE", "PARALLEL_ROLLOUT_PERCENT"),
    ],
)
def test_a_flag_misspelt_without_our_prefix_is_not_ignored(
    misspelt: str, meant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(misspelt, "true")

    error = refused()

    assert error.message == f"Unknown setting {misspelt} (did you mean {meant}?)."


def test_a_file_that_an_editor_began_with_a_byte_order_mark_is_read(user: Path) -> None:
    user.write_bytes(b"\xef\xbb\xbf[memory]\nbatch_size = 7\n")

    assert load().settings.memory.batch_size == 7


def test_a_file_of_variables_sets_what_the_environment_would(user: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    variables = user.with_name(".env")
    user.write_text('[model]\nname = "of the file"\ntimeout = 9\n')
    variables.write_text(
        "\ufeff# mine\nexport OPENAI_API_KEY='sk-mine'\nAUTOINTEL_MODEL__NAME=\"small one\"\n"
        "AUTOINTEL_EVIDENCE__SOURCES=wikipedia,folder\nAUTOINTEL_HOME=\nDATABASE_URL=postgres://other\nnot a line\n"
    )

    loaded = load()

    assert loaded.settings.model.api_key is not None
    assert loaded.settings.model.api_key.get_secret_value() == "sk-mine"
    assert (loaded.settings.model.name, loaded.settings.model.timeout) == ("small one", 9)
    assert loaded.settings.evidence.sources == ("wikipedia", "folder")
    assert loaded.origin("model.name") == Origin(FlagOrigin.USER_FILE, str(variables))
    monkeypatch.setenv("AUTOINTEL_MODEL__NAME", "large")
    assert load().settings.model.name == "large"


def test_values_of_such_a_file_are_taken_as_written(user: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "elsewhere")
    user.with_name(".env").write_text("AUTOINTEL_MODEL__NAME=${SECRET}\n")

    assert load().settings.model.name == "${SECRET}"


@pytest.mark.parametrize("line", ["AUTOINTEL_MODLE__NAME=x", "ENABLE_PARALLEL_ANALISYS=1"])
def test_a_misspelt_variable_of_such_a_file_is_named_with_the_file(user: Path, line: str) -> None:
    user.with_name(".env").write_text(f"{line}\n")

    with pytest.raises(SettingsError, match=r"Unknown setting .* \(did you mean .*\) in .*\.env"):
        load()


def test_a_value_out_of_range_names_the_file(user: Path) -> None:
    user.with_name(".env").write_text("AUTOINTEL_MODEL__TIMEOUT=soon\n")

    with pytest.raises(SettingsError, match=r"\.env"):
        load()


def test_what_is_named_so_and_is_no_file_is_left_alone(project: Path) -> None:
    project.with_name(".env").mkdir()

    assert load().origins == {}
