"""Certificates that the environment names, for connections that are made without its help."""

from __future__ import annotations

import os
from typing import Final

_ENVIRONMENT: Final = os.environ  # noqa: TID251  read here and in layers.py


def own_certificates() -> str | None:
    """The file or folder that SSL_CERT_FILE or SSL_CERT_DIR names."""
    return _ENVIRONMENT.get("SSL_CERT_FILE") or _ENVIRONMENT.get("SSL_CERT_DIR") or None
