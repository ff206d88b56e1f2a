"""Whose certificates a connection trusts: the usual authorities', and those that the user's own variables name."""

from __future__ import annotations

import ssl
from pathlib import Path

from autointel.environment import own_certificates
from autointel.errors import SettingsError


def trusted_for(*addresses: str) -> ssl.SSLContext:
    """A context for connections to these addresses; an empty one where none is https: loading a list costs 20 ms.

    Raises SettingsError where SSL_CERT_FILE or SSL_CERT_DIR names a file that holds no certificates.
    """
    if not any(address.lower().startswith("https:") for address in addresses):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    import httpx

    context = httpx.create_ssl_context(trust_env=False)
    own = own_certificates()
    if own is not None and Path(own).exists():
        try:
            context.load_verify_locations(**({"capath": own} if Path(own).is_dir() else {"cafile": own}))
        except (ssl.SSLError, OSError) as error:
            raise SettingsError(
                f"{own} cannot be read as certificates.", "SSL_CERT_FILE names it: correct or unset the variable."
            ) from error
    return context
