"""Commands whose reports stand in a bucket of a real S3-like server: two homes, refusals, and an outage."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.crash.killing import SAMPLE
from tests.fakes.site import Page, Site
from tests.unit.adapters.catalogue.test_artifacts import bucket_of_tests, objects

from autointel.errors import CatalogueAway, HomeUnusable

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
# Read before the fixture that clears the environment.
_S3 = os.environ.get("AUTOINTEL_TEST_S3_URL", "")
SOUND = b"ID3\x04" + bytes(1000)


@pytest.fixture
def prefix() -> str:
    assert _S3, "no server: run this through `make test-stores`"
    return f"tests/{uuid.uuid4().hex}"


def at(home: Path, prefix: str, *arguments: str, code: int = 0, **settings: str) -> subprocess.CompletedProcess[str]:
    """A command in that home, with its artifacts under ``prefix`` of the bucket."""
    parts = urlsplit(_S3)
    environment = {
        **os.environ,
        "AUTOINTEL_HOME": str(home),
        "AUTOINTEL_ARTIFACTS__URL": f"http://127.0.0.1:{parts.port}{parts.path}/{prefix}",
        "AUTOINTEL_ARTIFACTS__ACCESS_KEY": parts.username or "",
        "AUTOINTEL_ARTIFACTS__SECRET_KEY": parts.password or "",
        # None of these may decide where a report goes, or with which key.
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1",
        "AWS_ACCESS_KEY_ID": "somebody",
        "AWS_SESSION_TOKEN": "somebody",
        "AWS_SKIP_SIGNATURE": "true",
        **settings,
    }
    command = [sys.executable, "-m", "autointel", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == code, done.stderr
    return done


def briefed(home: Path, prefix: str) -> str:
    """The id of a run of the sample."""
    done = at(home, prefix, "run", str(SAMPLE), "--engine", "local", "--json", "-q")
    return str(json.loads(done.stdout)["run_id"])


def test_a_run_is_shown_from_the_bucket_and_forgotten_there(tmp_path: Path, prefix: str) -> None:
    run = briefed(tmp_path, prefix)
    bucket = bucket_of_tests(prefix)

    assert bucket.names(run) == ["report.json", "results.json"]
    assert not (tmp_path / "runs" / run).exists()
    assert "The Cost of Free Transit" in at(tmp_path, prefix, "show", run).stdout
    assert "artifacts" in at(tmp_path, prefix, "doctor", "--offline").stdout

    at(tmp_path, prefix, "forget", "The Cost of Free Transit")
    assert bucket.names(run) == []


def test_a_recording_that_is_kept_stands_in_the_bucket_and_is_forgotten_there(tmp_path: Path, prefix: str) -> None:
    said = [{"start": 0.0, "end": 2.5, "text": "The road cost two million."}]
    heard = {"text": said[0]["text"], "language": "english", "duration": 2.5, "segments": said}
    hears = Page(json.dumps(heard).encode(), "application/json")
    with Site({"/talk.mp3": Page(SOUND, "audio/mpeg"), "/v1/audio/transcriptions": hears}) as site:
        here = {"AUTOINTEL_FETCH__ALLOW_HOSTS": site.host, "AUTOINTEL_SPEECH__BASE_URL": site.url("/v1")}
        run = ("run", site.url("/talk.mp3"), "--engine", "local", "--keep-media", "--json", "-q")
        report = json.loads(at(tmp_path, prefix, *run, code=0, **here).stdout)
    bucket = bucket_of_tests(prefix)

    assert [*objects(bucket, f"{report['run_id']}/recordings").values()] == [SOUND]
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and path.read_bytes() == SOUND]

    at(tmp_path, prefix, "forget", report["source"]["url"], code=0, **here)
    assert objects(bucket, report["run_id"]) == {}


def test_a_bucket_that_is_away_costs_no_briefing_and_a_second_try_ends_whole(tmp_path: Path, prefix: str) -> None:
    away = "http://127.0.0.1:1/autointel"
    failed = at(tmp_path, prefix, "run", str(SAMPLE), "--engine", "local", "-q", code=6, AUTOINTEL_ARTIFACTS__URL=away)

    assert "127.0.0.1:1/autointel does not answer" in failed.stderr
    assert "Traceback" not in failed.stderr
    run = json.loads(at(tmp_path, prefix, "runs", "--json").stdout)[0]["id"]
    at(tmp_path, prefix, "resume", run, "-q")
    assert bucket_of_tests(prefix).names(run) == ["report.json", "results.json"]


def test_a_wrong_key_is_said_in_words(tmp_path: Path, prefix: str) -> None:
    failed = at(
        tmp_path, prefix, "run", str(SAMPLE), "--engine", "local", "-q", code=6, AUTOINTEL_ARTIFACTS__SECRET_KEY="wrong"
    )

    assert "refuses the key" in failed.stderr
    assert "wrong" not in failed.stderr


def test_every_question_to_a_bucket_that_refuses_or_is_not_there_ends_in_words(prefix: str) -> None:
    for bucket, what in (
        (bucket_of_tests(prefix, secret="wrong"), "refuses the key"),
        (bucket_of_tests(prefix, name="not-there"), "does not exist"),
    ):
        for ask in (
            lambda: bucket.write("one", "report.json", b"x"),  # noqa: B023 - asked at once
            lambda: bucket.read("one", "report.json"),  # noqa: B023
            lambda: bucket.names("one"),  # noqa: B023
        ):
            with pytest.raises(HomeUnusable, match=what) as raised:
                ask()
            assert not isinstance(raised.value, CatalogueAway)
