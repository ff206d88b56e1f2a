"""What every place of artifacts promises: home, database, bucket; and what is said of a bucket that fails.

The bucket is obstore's own in memory, and a real server's where ``make test-stores`` has started one.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import obstore
import pytest
from obstore.exceptions import GenericError
from obstore.store import MemoryStore
from tests.fakes.site import Page, Site, redirect

from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.adapters.catalogue.objects import Bucket, ObjectArtifacts, unusable
from autointel.errors import CatalogueAway, HomeUnusable
from autointel.ports import Artifacts

# Read before the fixture that clears the environment.
_S3: Final = os.environ.get("AUTOINTEL_TEST_S3_URL", "")
_POSTGRES: Final = os.environ.get("AUTOINTEL_TEST_POSTGRES_URL", "")
Open = Callable[..., Catalogue]
Reopen = Callable[[], Artifacts]


def bucket_of_tests(prefix: str, *, secret: str | None = None, name: str | None = None) -> ObjectArtifacts:
    """The real server's bucket; another key or bucket where they are named. Nothing is asked twice."""
    parts = urlsplit(_S3)
    bucket = Bucket(f"http://127.0.0.1:{parts.port}", name or parts.path.strip("/"), prefix)
    keys = parts.username or "", secret or parts.password or ""
    return ObjectArtifacts.open(bucket, access_key=keys[0], secret_key=keys[1], region="us-east-1", retries=0)


def objects(bucket: ObjectArtifacts, under: str) -> dict[str, bytes]:
    """What the bucket holds under a key, by key."""
    found = [each["path"] for page in obstore.list(bucket._store, under) for each in page]
    return {path: bytes(obstore.get(bucket._store, path).bytes()) for path in found}


@pytest.fixture(params=["sqlite", *(["postgres"] if _POSTGRES else []), "memory", *(["s3"] if _S3 else [])])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def place(engine: str, request: pytest.FixtureRequest) -> Reopen:
    """Opens the same place again, as another process would."""
    if engine == "s3":
        prefix = f"tests/{uuid.uuid4().hex}"
        return lambda: bucket_of_tests(prefix)
    if engine == "memory":
        store = MemoryStore()
        return lambda: ObjectArtifacts(store, "memory")
    opened: Open = request.getfixturevalue("opened")
    return lambda: opened().artifacts


def test_what_a_run_leaves_behind_is_read_again_by_another_process(place: Reopen) -> None:
    mine = place()
    mine.write("one", "report.json", b"\x00\xff old")
    mine.write("one", "report.json", b"\x00\xff new")
    mine.write("one", "failure", b"")
    mine.write("other", "report.json", b"theirs")

    theirs = place()
    assert theirs.names("one") == ["failure", "report.json"]
    assert theirs.read("one", "report.json") == b"\x00\xff new"
    assert theirs.read("one", "failure") == b""
    assert theirs.read("one", "results.json") is None
    theirs.remove("one", "failure")
    theirs.remove("one", "failure")
    assert mine.names("one") == ["report.json"]
    theirs.remove("one")
    theirs.remove("one")
    assert (mine.names("one"), mine.names("other")) == ([], ["report.json"])


def test_a_run_whose_name_begins_another_s_has_artifacts_of_its_own(place: Reopen) -> None:
    artifacts = place()
    artifacts.write("one", "report.json", b"1")
    artifacts.write("one-more", "report.json", b"2")
    artifacts.remove("one")

    assert artifacts.read("one-more", "report.json") == b"2"


def test_ten_megabytes_come_back_as_they_were(place: Reopen) -> None:
    content = bytes(range(256)) * 40_000
    place().write("long", "results.json", content)

    assert place().read("long", "results.json") == content


def test_recordings_go_to_a_bucket_as_they_were_and_stay_in_the_home_where_there_is_none(
    place: Reopen, engine: str, tmp_path: Path
) -> None:
    sound = bytes(range(256)) * 50_000  # 12.8 MB: three parts
    kept = tmp_path / "media"
    kept.mkdir()
    (kept / "recording.mp3").write_bytes(sound)
    place().write("one", "report.json", b"{}")

    place().take_recordings("one", kept)
    place().take_recordings("one", kept)
    place().take_recordings("other", tmp_path / "nothing")

    assert place().names("one") == ["report.json"]
    if engine in {"sqlite", "postgres"}:
        assert (kept / "recording.mp3").read_bytes() == sound
        return
    bucket = place()
    assert isinstance(bucket, ObjectArtifacts)
    assert not kept.exists()
    assert objects(bucket, "one/recordings") == {"one/recordings/recording.mp3": sound}
    bucket.remove("one")
    assert objects(bucket, "one") == {}


def test_who_removes_a_run_from_a_bucket_removes_its_recordings(tmp_path: Path) -> None:
    bucket = ObjectArtifacts(MemoryStore(), "memory")
    for run in ("one", "one-more"):
        (tmp_path / "recording.mp3").write_bytes(b"sound")
        bucket.take_recordings(run, tmp_path)
        tmp_path.mkdir()
    bucket.remove("one")

    assert objects(bucket, "one") == {}
    assert objects(bucket, "one-more") == {"one-more/recordings/recording.mp3": b"sound"}


@pytest.mark.parametrize("name", ["../other", "a/b", "", "."])
def test_no_name_leads_out_of_its_run(name: str) -> None:
    bucket = ObjectArtifacts(MemoryStore(), "memory")

    with pytest.raises(ValueError, match="not a name"):
        bucket.write("one", name, b"")
    with pytest.raises(ValueError, match="not a name"):
        bucket.read(name, "report.json")


@pytest.mark.parametrize(
    ("url", "bucket"),
    [
        ("s3://talks", Bucket("https://s3.eu-north-1.amazonaws.com", "talks")),
        ("s3://talks/news/2026/", Bucket("https://s3.eu-north-1.amazonaws.com", "talks", "news/2026")),
        ("https://s3.example.org/talks", Bucket("https://s3.example.org", "talks")),
        ("http://127.0.0.1:8333/talks/news", Bucket("http://127.0.0.1:8333", "talks", "news")),
        ("http://[::1]:8333/talks/", Bucket("http://[::1]:8333", "talks")),
    ],
)
def test_an_address_names_server_bucket_and_prefix(url: str, bucket: Bucket) -> None:
    assert Bucket.of(url, "eu-north-1") == bucket


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ("status code: 404 Not Found: <Error><Code>NoSuchBucket</Code>", "does not exist"),
        ("status code: 400 Bad Request: <Error><Code>InvalidBucketName</Code>", "does not exist"),
        ("status code: 403 Forbidden: <Error><Code>SignatureDoesNotMatch</Code>", "refuses the key"),
        ("status code: 401 Unauthorized: ", "refuses the key"),
        ("status code: 403 Forbidden: <Error><Code>AccessDenied</Code>", "forbids this to its key"),
        ("status code: 403 Forbidden: <Error><Code>RequestTimeTooSkewed</Code>", "at the time that this machine"),
        ("status code: 400 Bad Request: <Error><Code>AuthorizationHeaderMalformed</Code>", "is in another region"),
        ("status code: 405 Method Not Allowed: <html>", "answers 405"),
    ],
)
def test_a_bucket_that_refuses_is_said_in_words_and_is_not_merely_away(said: str, what: str) -> None:
    told = unusable("s3.example.org/talks", GenericError(f"Error performing GET {said}"))

    assert what in told.message
    assert told.message.startswith("The artifacts' bucket at s3.example.org/talks ")
    assert told.hint.endswith(".")
    assert not isinstance(told, CatalogueAway)


@pytest.mark.parametrize(
    "said", ["HTTP error: error sending request", "status code: 503 Slow Down: <Code>SlowDown</Code>"]
)
def test_a_bucket_that_does_not_answer_is_away_and_may_come_back(said: str) -> None:
    assert isinstance(unusable("s3.example.org/talks", GenericError(said)), CatalogueAway)


def test_a_server_that_is_not_there_ends_every_question_in_words() -> None:
    bucket = Bucket("http://127.0.0.1:1", "talks")
    away = ObjectArtifacts.open(bucket, access_key="id", secret_key="key", region="us-east-1", retries=0)

    for ask in (
        lambda: away.write("one", "report.json", b""),
        lambda: away.read("one", "report.json"),
        lambda: away.names("one"),
        lambda: away.remove("one", "report.json"),
    ):
        with pytest.raises(HomeUnusable, match=r"127\.0\.0\.1:1/talks does not answer"):
            ask()


def test_a_bucket_s_server_leads_to_no_other_host() -> None:
    with Site({"/elsewhere": Page(b"what a host of the user's own says")}) as site:
        site.pages["/talks/one/report.json"] = redirect(f"http://localhost:{site.port}/elsewhere")
        bucket = Bucket(f"http://{site.host}", "talks")
        leading = ObjectArtifacts.open(bucket, access_key="id", secret_key="key", region="us-east-1", retries=0)

        with pytest.raises(CatalogueAway):
            leading.read("one", "report.json")

    assert "/elsewhere" not in site.paths
