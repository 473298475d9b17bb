"""TLS towards an orchestrator, as the settings say."""

import ssl

from fw_worker.config import WorkerSettings
from fw_worker.errors import CertificateError


def tls_of(settings: WorkerSettings) -> ssl.SSLContext | bool:
    """What connections are made with; True: as usual. Raises `CertificateError`."""
    if not (settings.ca or settings.certificate):
        return True
    try:
        context = ssl.create_default_context(cafile=settings.ca or None)
    except OSError as error:
        raise CertificateError("ca", settings.ca, error, "Name a file of certificates in PEM form.") from error
    if settings.certificate:
        try:
            context.load_cert_chain(settings.certificate, settings.certificate_key or None)
        except OSError as error:
            remedy = "Name a certificate in PEM form, and its key as worker.certificate_key if that is another file."
            raise CertificateError("certificate", settings.certificate, error, remedy) from error
    return context
