"""Read database URLs and write them for libpq, for SQLAlchemy and for messages."""

from __future__ import annotations

from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from geo.errors import BadValue


def url_without_password(url: str) -> str:
    """Return a database URL without its password, for messages.

    Examples
    --------
    >>> url_without_password("postgresql://li:secret@db:5432/county?sslpassword=x&connect_timeout=3")
    'postgresql://li@db:5432/county?connect_timeout=3'
    """
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    query = urlencode([(name, value) for name, value in parse_qsl(parts.query) if "password" not in name.lower()])
    return urlunsplit((parts.scheme, f"{user.partition(':')[0]}{at}{host}", parts.path, query, ""))


def with_password(url: str, password: str) -> str:
    """Return a database URL with a password added; a password in the URL is kept.

    Examples
    --------
    >>> with_password("postgresql://li@db/county", "a b")
    'postgresql://li:a%20b@db/county'
    """
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    if not password or not at or ":" in user:
        return url
    return urlunsplit((parts.scheme, f"{user}:{quote(password, safe='')}@{host}", parts.path, parts.query, ""))


def libpq_url(url: str) -> str:
    """Return a URL for libpq; raise BadValue where it is not a database URL."""
    scheme, mark, rest = url.partition("://")
    if not mark or scheme.partition("+")[0] not in ("postgresql", "postgres") or not urlsplit(url).path.strip("/"):
        raise BadValue(
            "数据库地址应如 postgresql://用户@主机/数据库", "a database URL reads postgresql://LOGIN@HOST/DATABASE"
        )
    return f"postgresql://{rest}"


def engine_url(url: str) -> str:
    """Return a URL for SQLAlchemy with psycopg."""
    return libpq_url(url).replace("postgresql://", "postgresql+psycopg://", 1)
