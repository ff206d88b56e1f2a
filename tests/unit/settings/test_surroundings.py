from __future__ import annotations

import pytest

from autointel.settings.loading import own_certificates


def test_certificates_of_ones_own_are_named_by_either_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    assert own_certificates() is None

    monkeypatch.setenv("SSL_CERT_DIR", "/certificates")
    assert own_certificates() == "/certificates"
