"""Artifacts in a bucket of Amazon S3, or of a server that speaks its protocol (the extra s3).

The environment has no say in where they go: obstore reads a dozen AWS_ variables, among them another address, a switch
that leaves signatures away, and keys. Whatever decides about the address or the key is therefore passed explicitly.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store
from typing_extensions import override

from autointel.adapters.home import safe_name
from autointel.errors import CatalogueAway, HomeUnusable
from autointel.ports import Artifacts

if TYPE_CHECKING:
    from obstore.store import ObjectStore, S3Credential

_URL: Final = "AUTOINTEL_ARTIFACTS__URL"
_KEYS: Final = "AUTOINTEL_ARTIFACTS__ACCESS_KEY and AUTOINTEL_ARTIFACTS__SECRET_KEY"
# The client cannot be told to follow no redirect; but every host except the bucket's own is asked through this proxy,
# at whose port nothing listens.
_NOWHERE: Final = "http://127.0.0.1:1"
_CONNECT: Final = timedelta(seconds=5)
_ANSWER: Final = timedelta(seconds=20)
RETRIES: Final = 6
"""Retries with pauses from 0.1 s that double: a server that restarts may take some 6 s."""
_SERVER_ERROR: Final = 500
_NO_BUCKET: Final = ("does not exist", f"Create it, or correct {_URL}.")
_ELSEWHERE: Final = ("is in another region", "Name its region in AUTOINTEL_ARTIFACTS__REGION.")
_KNOWN: Final = {
    "NoSuchBucket": _NO_BUCKET,
    "InvalidBucketName": _NO_BUCKET,
    "AuthorizationHeaderMalformed": _ELSEWHERE,
    "PermanentRedirect": _ELSEWHERE,
    "RequestTimeTooSkewed": ("refuses requests at the time that this machine shows", "Set this machine's clock."),
    "AccessDenied": ("forbids this to its key", "Let the key list, read, write and remove objects there."),
}
"""What S3's codes mean, and what to do."""
_REFUSED: Final = frozenset({401, 403})
_RECORDINGS: Final = "recordings"


@dataclass(frozen=True)
class Bucket:
    """``endpoint`` is the address of the server; ``prefix`` is what keys begin with, without slashes around it."""

    endpoint: str
    name: str
    prefix: str = ""

    @classmethod
    def of(cls, url: str, region: str) -> Bucket:
        """``s3://BUCKET/PREFIX`` is Amazon's in that region; ``https://HOST/BUCKET/PREFIX`` is on another server."""
        parts = urlsplit(url)
        if parts.scheme == "s3":
            return cls(f"https://s3.{region}.amazonaws.com", parts.netloc, parts.path.strip("/"))
        name, _, prefix = parts.path.strip("/").partition("/")
        return cls(f"{parts.scheme}://{parts.netloc}", name, prefix)

    @property
    def place(self) -> str:
        """Server and bucket, for messages."""
        return f"{urlsplit(self.endpoint).netloc}/{self.name}"


class ObjectArtifacts(Artifacts):
    """An object ``RUN/NAME`` for each artifact, and ``RUN/recordings/NAME`` for each recording.

    A write takes the place of the old object as a whole.
    """

    def __init__(self, store: ObjectStore, place: str) -> None:
        self._store = store
        self.place = place

    @classmethod
    def open(
        cls, bucket: Bucket, *, access_key: str, secret_key: str, region: str, retries: int = RETRIES
    ) -> ObjectArtifacts:
        """The artifacts in this bucket; the server is not asked yet."""

        def credentials() -> S3Credential:
            return {"access_key_id": access_key, "secret_access_key": secret_key, "token": None, "expires_at": None}

        store = S3Store(
            bucket.name,
            prefix=bucket.prefix or None,
            endpoint=bucket.endpoint,
            aws_endpoint_url_s3=bucket.endpoint,
            region=region,
            skip_signature=False,
            virtual_hosted_style_request=False,  # servers other than Amazon's seldom have a name for each bucket
            credential_provider=credentials,
            client_options={
                "allow_http": bucket.endpoint.startswith("http://"),
                "allow_invalid_certificates": False,
                "connect_timeout": _CONNECT,
                "timeout": _ANSWER,
                "proxy_url": _NOWHERE,
                "proxy_excludes": urlsplit(bucket.endpoint).hostname or "",
            },
            retry_config={"max_retries": retries, "retry_timeout": _ANSWER},
        )
        return cls(store, bucket.place)

    @override
    def write(self, run_id: str, name: str, content: bytes) -> None:
        with self._translate_errors():
            obstore.put(self._store, self._key(run_id, name), content)

    @override
    def read(self, run_id: str, name: str) -> bytes | None:
        with self._translate_errors():
            try:
                return bytes(obstore.get(self._store, self._key(run_id, name)).bytes())
            except FileNotFoundError as error:
                if _code(error) in _KNOWN:
                    raise
                return None

    @override
    def names(self, run_id: str) -> list[str]:
        with self._translate_errors():
            keys = [key.split("/") for key in self._objects(run_id)]
        return sorted(name for *_, folder, name in keys if folder == run_id)

    @override
    def remove(self, run_id: str, name: str | None = None) -> None:
        with self._translate_errors():
            # One by one: not every server has the request that removes many.
            for each in self._objects(run_id) if name is None else [self._key(run_id, name)]:
                obstore.delete(self._store, each)

    @override
    def take_recordings(self, run_id: str, folder: Path) -> None:
        with self._translate_errors():
            for path in sorted(folder.glob("*")):
                # In parts: a recording of hours need not fit into memory.
                obstore.put(self._store, f"{safe_name(run_id)}/{_RECORDINGS}/{safe_name(path.name)}", path)
                path.unlink()
        shutil.rmtree(folder, ignore_errors=True)

    def _objects(self, run_id: str) -> list[str]:
        """The keys of everything that the run left."""
        return [each["path"] for page in obstore.list(self._store, safe_name(run_id)) for each in page]

    @staticmethod
    def _key(run_id: str, name: str) -> str:
        return f"{safe_name(run_id)}/{safe_name(name)}"

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        try:
            yield
        except (BaseError, FileNotFoundError) as error:
            raise unusable(self.place, error) from error


def unusable(place: str, error: Exception) -> HomeUnusable:
    """What happened to the bucket at ``place``, and what to do about it."""
    code, status = _code(error), _status(error)
    name = f"The artifacts' bucket at {place}"
    if status >= _SERVER_ERROR:
        return CatalogueAway(f"{name} answers {status}.", "The log of its server says why; try again later.")
    if not status:
        return CatalogueAway(f"{name} does not answer.", f"See that its server is up, or correct {_URL}.")
    refused = ("refuses the key", f"Correct {_KEYS}.")
    unknown = (f"answers {status} {code}".rstrip(), f"See that {_URL} names an S3-like server.")
    what, hint = _KNOWN.get(code, refused if status in _REFUSED else unknown)
    return HomeUnusable(f"{name} {what}.", hint)


def _code(error: Exception) -> str:
    """S3's own word for what went wrong, as ``NoSuchBucket``; empty where the answer has none."""
    found = re.search(r"<Code>(\w+)</Code>", str(error))
    return found[1] if found else ""


def _status(error: Exception) -> int:
    """The status of the server's answer; 0 where none came."""
    found = re.search(r"status code: (\d{3})", str(error))
    return int(found[1]) if found else 0
