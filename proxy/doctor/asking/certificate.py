"""The certificate of the main listener, loaded as the proxy loads it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509

from proxy.doctor.judging.certificate import Certificate
from proxy.door.tls import ListenerTls

if TYPE_CHECKING:
    from proxy.config.model import ListenTls


def read_certificate(files: ListenTls) -> Certificate | str | None:
    """The certificate that clients will see, or why there is none to serve; ``None`` for plain http."""
    if not files.cert_file:
        return None
    try:
        ListenerTls(files)
        chain = x509.load_pem_x509_certificates(Path(files.cert_file).read_bytes())
        return Certificate(
            _names(chain[0]),
            max(each.not_valid_before_utc for each in chain).timestamp(),
            min(each.not_valid_after_utc for each in chain).timestamp(),
        )
    except OSError as error:
        return str(error)
    except ValueError:
        return f"listen_tls.cert_file: {files.cert_file} holds what is no certificate"


def _names(leaf: x509.Certificate) -> list[str]:
    try:
        found = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    addresses = found.get_values_for_type(x509.IPAddress)
    return [*found.get_values_for_type(x509.DNSName), *map(str, addresses)]
