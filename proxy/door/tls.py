"""The certificate of the main listener, and how a renewed one comes into force without a restart."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from proxy.config.model import ListenTls


class ListenerTls:
    """TLS for a listener: 1.2 or newer, HTTP/1.1 only.

    ``context`` is what listens. Each handshake is done with the certificate that was loaded last, so
    that one bad moment of renewing (a key that does not fit yet) never reaches a client.

    Args:
        files: where the certificate, its chain and its key are, all in PEM form.

    Raises:
        OSError: when they cannot be used; the text says which key of the configuration to look at.
    """

    def __init__(self, files: ListenTls) -> None:
        self._files = files
        self._current = _load(files)
        self.context = _load(files)
        # Called for each handshake, whether the client names a server or not; the one way to let a
        # listening socket have another certificate that takes effect all at once.
        # https://docs.python.org/3/library/ssl.html#ssl.SSLContext.sni_callback
        self.context.sni_callback = self._choose

    def prepare(self) -> Callable[[], None]:
        """Load the files anew.

        Returns:
            What puts them in force for handshakes from then on; connections that are open stay as they are.

        Raises:
            OSError: when they cannot be used; the certificate before stays in force.
        """
        loaded = _load(self._files)

        def commit() -> None:
            self._current = loaded

        return commit

    def _choose(self, handshake: ssl.SSLSocket | ssl.SSLObject, _: str | None, __: ssl.SSLContext) -> None:
        handshake.context = self._current


def _load(files: ListenTls) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    for key, name in (("cert_file", files.cert_file), ("key_file", files.key_file)):
        _try_to_read(f"listen_tls.{key}", name)
    try:
        # Without a word of its own for the passphrase, OpenSSL would ask for it on the terminal.
        context.load_cert_chain(files.cert_file, files.key_file, password=_no_passphrase)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            text = f"listen_tls.key_file: {files.key_file} is not the key of {files.cert_file}"
        else:
            text = f"listen_tls: {files.cert_file} or {files.key_file} is damaged or not in PEM form"
        raise OSError(text) from None
    return context


def _try_to_read(key: str, name: str) -> None:
    try:
        with open(name, "rb") as file:  # noqa: PTH123 - the name as it was given, for the message
            file.read(1)
    except OSError as error:
        raise OSError(f"{key}: {name} cannot be read: {error.strerror}") from None


def _no_passphrase() -> str:
    raise OSError("listen_tls.key_file: the key needs a passphrase; give one that is not encrypted")
