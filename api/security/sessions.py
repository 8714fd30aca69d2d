"""Seal what browsers keep of a session, and conceal what the store keeps of a person."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from api import problems
from geo.errors import BadValue

#: Cookie that names a session; it holds no key, no token and no right.
COOKIE = "gridsight_session"
#: Cookie of a sign-in at the issuer that is not complete; valid for minutes.
PENDING_COOKIE = "gridsight_signin"
_SHORTEST_SECRET = 32
_NONCE_BYTES = 12


def cookie_name(name: str, *, is_secure: bool) -> str:
    """Return the name of a cookie: over TLS only this host may set it, and no plain page of it (RFC 6265bis, 4.1.3.2).

    Without TLS browsers would not keep a cookie of that name.
    """
    return f"__Host-{name}" if is_secure else name


class Sessions:
    """Seal and open small records with a secret of the service.

    Parameters
    ----------
    secret
        At least 32 bytes, the same in every process of a service. None is a random secret: its sessions end with the
        process.
    hours
        How long a session lasts.
    """

    def __init__(
        self, secret: bytes | None = None, *, hours: float = 12.0, clock: Callable[[], float] = time.time
    ) -> None:
        self._secret = secret or secrets.token_bytes(32)
        self.seconds = round(hours * 3600)
        self._clock = clock

    @classmethod
    def from_file(cls, path: Path | None, *, hours: float) -> Sessions:
        """Return sessions sealed with the secret in a file; raise BadValue where it is too short."""
        if path is None:
            return cls(hours=hours)
        try:
            secret = path.read_bytes().strip()
        except OSError:
            secret = b""
        if len(secret) < _SHORTEST_SECRET:
            raise BadValue(
                f"会话密钥文件 {path} 不可读或不足 {_SHORTEST_SECRET} 字节",
                f"the session secret {path} cannot be read or has under {_SHORTEST_SECRET} bytes",
            )
        return cls(secret, hours=hours)

    def seal(self, values: Mapping[str, Any], *, kind: str, seconds: float | None = None) -> str:
        """Return values as authenticated text, valid for some seconds and for one purpose (``kind``)."""
        until = int(self._clock() + (self.seconds if seconds is None else seconds))
        body = _text(json.dumps({**values, "until": until}, separators=(",", ":"), ensure_ascii=False).encode())
        return f"{body}.{_text(self._mac(kind, body))}"

    def open(self, text: str, *, kind: str) -> dict[str, Any]:
        """Return the values of a sealed text; raise NotSignedIn where its seal is invalid or it has expired."""
        body, _, mac = text.partition(".")
        try:
            if not hmac.compare_digest(_bytes(mac), self._mac(kind, body)):
                raise ValueError
            values = json.loads(_bytes(body))
            if values.pop("until") <= self._clock():
                raise ValueError
        except (ValueError, binascii.Error, KeyError):
            raise problems.NotSignedIn("登录已失效，请重新登录", "the session has ended; sign in again") from None
        return values

    def conceal(self, values: Mapping[str, Any], *, kind: str) -> str:
        """Return values as text that only holders of the secret can read, for one purpose (``kind``)."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _text(nonce + self._cipher().encrypt(nonce, json.dumps(dict(values)).encode(), kind.encode()))

    def reveal(self, text: str, *, kind: str) -> dict[str, Any]:
        """Return concealed values; raise NotSignedIn where another secret concealed them."""
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 (of the extra `server`)

        try:
            data = _bytes(text)
            values: dict[str, Any] = json.loads(
                self._cipher().decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], kind.encode())
            )
        except (InvalidTag, ValueError):
            raise problems.NotSignedIn("登录已失效，请重新登录", "the session has ended; sign in again") from None
        return values

    def _cipher(self) -> Any:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 (of the extra `server`)

        return AESGCM(hmac.new(self._secret, b"conceal", hashlib.sha256).digest())

    def _mac(self, kind: str, body: str) -> bytes:
        return hmac.new(self._secret, f"{kind}.{body}".encode("utf-8", "replace"), hashlib.sha256).digest()


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
