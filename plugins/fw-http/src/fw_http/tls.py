"""The TLS context that the settings ask for."""

from __future__ import annotations

import ssl

from framework import ConfigError
from fw_http.config import HttpSettings


def tls_context(settings: HttpSettings) -> ssl.SSLContext | None:
    """None without a certificate. Raises :class:`ConfigError` for files that cannot be used."""
    if not settings.certificate:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(settings.certificate, settings.key)
        if settings.client_ca:
            context.load_verify_locations(settings.client_ca)
            is_required = settings.client_certificate == "required"
            context.verify_mode = ssl.CERT_REQUIRED if is_required else ssl.CERT_OPTIONAL
    except (OSError, ssl.SSLError) as error:
        files = ", ".join(name for name in (settings.certificate, settings.key, settings.client_ca) if name)
        raise ConfigError(
            f"[http] TLS cannot be set up with {files}: {error.strerror or error}.",
            remedy="Give PEM files that exist: certificate (with its chain), key, and client_ca if clients need one.",
        ) from error
    return context
