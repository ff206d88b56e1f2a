"""An authority of one's own: every client that speaks TLS by itself trusts the file that SSL_CERT_FILE names."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.fakes.memory import BagOfWords

from autointel.adapters.embedders import OpenAICompatibleEmbedder
from autointel.adapters.speech.openai_compatible import OpenAICompatibleSpeech
from autointel.adapters.vectors.qdrant_server import QdrantServerMemory
from autointel.certificates import trusted_for
from autointel.errors import AutointelError, SettingsError
from autointel.model.endpoint import Endpoint, client_to

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1, signed by nobody else, and its key beside it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "own authority")])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("authority")
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    path = folder / "certificate.pem"
    path.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def server(certificate: Path) -> Iterator[tuple[str, list[str]]]:
    """The address of a server with that certificate, and what it was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            asked.append(self.path)
            self.send_error(404)

        do_POST = do_GET  # noqa: N815 - the standard library's names

        def log_message(self, *_: Any) -> None:
            """Tests are silent."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.parent / "key.pem")
    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening.socket = context.wrap_socket(listening.socket, server_side=True)
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{listening.server_port}", asked
    listening.shutdown()
    thread.join()
    listening.server_close()


async def ask_memory(address: str, _: Path) -> None:
    memory = QdrantServerMemory(address, "default", BagOfWords())
    try:
        await memory.count()
    finally:
        await memory.close()


async def ask_embedder(address: str, _: Path) -> None:
    OpenAICompatibleEmbedder(address, "m").embed(["fares"])


async def ask_speech(address: str, recording: Path) -> None:
    await OpenAICompatibleSpeech(address, wait=0).recognise(recording, None)


async def ask_model(address: str, _: Path) -> None:
    async with client_to(Endpoint(name="m", base_url=address), 5) as client:
        (await client.get(f"{address}/models")).raise_for_status()


@pytest.mark.parametrize("ask", [ask_memory, ask_embedder, ask_speech, ask_model])
async def test_an_authority_of_ones_own_is_trusted_where_it_is_named(
    ask: Any, server: tuple[str, list[str]], certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, asked = server
    recording = tmp_path / "talk.wav"
    recording.write_bytes(b"RIFF")

    with pytest.raises(Exception):  # noqa: B017, PT011 - each client's own; that nothing was asked is the point
        await ask(address, recording)
    assert not asked

    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with pytest.raises(Exception):  # noqa: B017, PT011 - the server has nothing
        await ask(address, recording)
    assert asked


def test_a_folder_of_certificates_will_do(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_DIR", str(certificate.parent))
    trusted_for("https://x.example")


def test_a_file_that_is_gone_leaves_the_usual_authorities(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "gone.pem"))

    assert trusted_for("HTTPS://x.example").cert_store_stats()["x509_ca"] > 0


def test_a_file_without_certificates_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty.pem").write_text("nothing", encoding="utf-8")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "empty.pem"))

    with pytest.raises(SettingsError, match=r"empty\.pem cannot be read as certificates\.") as raised:
        trusted_for("https://x.example")

    assert isinstance(raised.value, AutointelError)
    assert "SSL_CERT_FILE" in raised.value.hint


def test_nobody_loads_certificates_for_an_address_without_tls() -> None:
    assert not trusted_for("http://127.0.0.1:6333").cert_store_stats()["x509_ca"]
