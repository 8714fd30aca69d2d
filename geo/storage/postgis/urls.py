"""Read database URLs and write them for libpq, for SQLAlchemy, for asyncpg and for messages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urlsplit

import psycopg

from geo.errors import BadValue

#: Parameters that asyncpg reads from a URL with the meaning that libpq gives them; it sends any other to the server as
#: a setting, which refuses the connection.
_ASYNCPG_PARAMETERS = frozenset({
    "host", "port", "dbname", "user", "password", "passfile", "service", "target_session_attrs", "krbsrvname", "gsslib",
    "sslmode", "sslcert", "sslkey", "sslrootcert", "sslcrl", "sslpassword", "sslnegotiation",
    "ssl_min_protocol_version", "ssl_max_protocol_version",
})  # fmt: skip
#: One setting in the parameter `options`: `-c name=value` or `--name=value`; a backslash keeps a space.
_OPTION = re.compile(r"(?:-c\s*|--)([\w.-]+)=((?:\\.|[^\s\\])*)")


def url_without_password(url: str) -> str:
    """Return a database URL without its password, for messages.

    Examples
    --------
    >>> url_without_password("postgresql://li:secret@db:5432/county?sslpassword=x&connect_timeout=3")
    'postgresql://li@db:5432/county?connect_timeout=3'
    """
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    kept = [(name, value) for name, value in parse_qsl(parts.query) if "password" not in name.lower()]
    # libpq takes a plus sign for itself, not for a space.
    return _url(parts, f"{user.partition(':')[0]}{at}{host}", urlencode(kept, quote_via=quote, safe="/"))


def with_password(url: str, password: str) -> str:
    """Return a database URL with a password added; a password in the URL is kept.

    Examples
    --------
    >>> with_password("postgresql://li@db/county", "a b")
    'postgresql://li:a%20b@db/county'
    """
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    given = dict(parse_qsl(parts.query))
    if not password or ":" in user or "password" in given:
        return url
    if at:
        return _url(parts, f"{user}:{quote(password, safe='')}@{host}", parts.query)
    if "user" in given:
        return _url(parts, host, f"{parts.query}&password={quote(password, safe='')}")
    return url


def _url(parts: SplitResult, netloc: str, query: str) -> str:
    """Return a URL; unlike urlunsplit, with two slashes also where no host stands between them and the path."""
    return f"{parts.scheme}://{netloc}{parts.path}{'?' if query else ''}{query}"


def libpq_url(url: str) -> str:
    """Return a URL for libpq; raise BadValue where it is not a database URL, or libpq knows no such parameter."""
    scheme, mark, rest = url.partition("://")
    if not mark or scheme.partition("+")[0] not in ("postgresql", "postgres") or not urlsplit(url).path.strip("/"):
        raise BadValue(
            "数据库地址应如 postgresql://用户@主机/数据库", "a database URL reads postgresql://LOGIN@HOST/DATABASE"
        )
    try:
        psycopg.conninfo.conninfo_to_dict(f"postgresql://{rest}")
    except psycopg.ProgrammingError as error:
        found = re.search(r'parameter: "([^"]*)"', str(error))
        named = f" {found[1][:40]}" if found else ""
        raise BadValue(
            f"数据库地址的参数{named}无效", f"a parameter of the database URL is not valid:{named}"
        ) from None
    return f"postgresql://{rest}"


@dataclass(frozen=True)
class AsyncpgTarget:
    """What asyncpg is to be given for a URL.

    Attributes
    ----------
    dsn
        The URL without what asyncpg would misread.
    seconds
        How long a connection may take; None where the URL says nothing.
    settings
        Settings of the session that the URL asks for.
    """

    dsn: str
    seconds: float | None
    settings: dict[str, str]


def asyncpg_target(url: str) -> AsyncpgTarget:
    """Return the target for asyncpg: `connect_timeout` and `options` mean what they mean to libpq.

    Parameters that only tune libpq, such as `keepalives` and `gssencmode`, are left out.

    Examples
    --------
    >>> asyncpg_target("postgresql://li@db/county?sslmode=require&connect_timeout=5&options=-c%20geqo%3Doff")
    AsyncpgTarget(dsn='postgresql://?host=db&dbname=county&user=li&sslmode=require', seconds=5.0, \
settings={'geqo': 'off'})
    """
    given = {name: str(value) for name, value in psycopg.conninfo.conninfo_to_dict(libpq_url(url)).items()}
    shared = {name: value for name, value in given.items() if name in _ASYNCPG_PARAMETERS}
    if "hostaddr" in given:  # the address of the host, looked up by whoever wrote the URL
        shared["host"] = given["hostaddr"]
    order = {name: shared[name] for name in ("host", "port", "dbname", "user") if name in shared} | shared
    seconds = float(given.get("connect_timeout") or 0)
    settings = {name: re.sub(r"\\(.)", r"\1", value) for name, value in _OPTION.findall(given.get("options", ""))}
    return AsyncpgTarget(
        f"postgresql://?{urlencode(order, quote_via=quote)}", seconds if seconds > 0 else None, settings
    )


def connect_seconds(url: str, default: int) -> int:
    """Return how long a connection through libpq may take: `connect_timeout` of the URL, else the default."""
    given = psycopg.conninfo.conninfo_to_dict(libpq_url(url)).get("connect_timeout")
    return int(given) if given and int(given) > 0 else default


def engine_url(url: str) -> str:
    """Return a URL for SQLAlchemy with psycopg."""
    return libpq_url(url).replace("postgresql://", "postgresql+psycopg://", 1)
