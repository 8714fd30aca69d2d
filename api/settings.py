"""Hold the settings of command line and HTTP, read once by whoever starts them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from geo.errors import BadValue

_PREFIX = "GRIDSIGHT_"


def _within(
    default: Any,
    *,
    least: float | None = None,
    above: float | None = None,
    most: float | None = None,
    one_of: tuple[str, ...] = (),
) -> Any:
    """Declare a setting that only takes values at or above `least`, above `above`, up to `most`, or `one_of` some."""

    def fits(value: Any) -> bool:
        if one_of:
            return value in one_of
        # Written so that NaN fits nowhere.
        return (
            (least is None or value >= least) and (above is None or value > above) and (most is None or value <= most)
        )

    return field(default=default, metadata={"fits": fits})


@dataclass(frozen=True)
class Settings:
    """Settings, each from an environment variable `GRIDSIGHT_...` unless the caller gives it.

    A plain dataclass: every command reads them, and the shortest ones take no longer than a library for it would.
    """

    #: The workspace file; without it `./workspace.gpkg`.
    workspace: Path | None = None
    #: The server store: postgresql://LOGIN@HOST/DATABASE. The password may stand in database_password_file.
    database_url: str | None = None
    #: A file whose first line is the password of the database login (a secret of compose or systemd).
    database_password_file: Path | None = None
    #: API processes that `gridsight serve` runs behind one port, on a server database: about one a core.
    processes: int = _within(1, least=1, most=64)
    #: The time zone of a store that is made here, or upgraded from a version without one: a name such as Asia/Shanghai.
    #: That of any other store is in the store: `gridsight time-zone`.
    time_zone: str = "Asia/Shanghai"
    #: Connections of one process for requests, and for tiles.
    pool_size: int = _within(8, least=1, most=200)
    tile_pool_size: int = _within(4, least=1, most=200)
    #: Bytes of tiles that one process keeps in memory; 0 keeps none. A kept tile is served only while it still holds.
    tile_cache_bytes: int = _within(64_000_000, least=0)
    #: Longest time in seconds that one statement of a request may take on the server.
    statement_seconds: float = _within(30.0, above=0)
    #: Host names that requests may name besides the loopback ones, separated by commas.
    allowed_hosts: str = ""
    #: Origins of other web pages that may call this service (CORS), such as https://map.example, separated by commas;
    #: empty allows none. They send a key or a token; the session of a signed-in person is not for them.
    cors_origins: str = ""
    #: Largest request body in bytes.
    max_body_bytes: int = _within(20_000_000, least=1_000)
    #: Longest time in seconds that the head of a request may take to arrive, and as long its body.
    arrival_seconds: float = _within(60.0, above=0)
    #: Requests per minute of one key, or of one address without a key; 0 sets no limit.
    rate_per_minute: int = _within(0, least=0)
    #: The issuer of people's tokens (OpenID Connect); without it only keys are taken.
    oidc_issuer: str | None = None
    #: What `aud` of a token must name, and the client id of the sign-in page.
    oidc_audience: str | None = None
    #: A file whose first line is the client secret of the sign-in page; without it a public client with PKCE.
    oidc_secret_file: Path | None = None
    #: The issuer's keys as a JWKS file, for closed networks; else they are fetched from the issuer.
    oidc_jwks_file: Path | None = None
    #: Claims of a token that hold the role and the township codes.
    oidc_role_claim: str = "gridsight_role"
    oidc_township_claim: str = "gridsight_townships"
    #: The URL under which users reach the service, without a path: every link and cookie follows it.
    public_url: str | None = None
    #: Take the caller's address, scheme and host from headers of a proxy at these addresses (CIDR, separated by
    #: commas); empty is never.
    forwarded_from: str = ""
    #: Take who the caller is from headers of a proxy at these addresses; what it says of the address counts too.
    identity_from: str = ""
    #: The earlier name of identity_from.
    proxy_addresses: str = ""
    #: A file with at least 32 random bytes that seal the sessions of signed-in people, the same for every process of a
    #: server; without it each process makes its own, and sessions end with it.
    session_secret_file: Path | None = None
    #: How long a person stays signed in, in hours.
    session_hours: float = _within(12.0, above=0, most=24 * 30)
    #: Logs as lines of JSON (json) or as text (text).
    log_format: str = _within("text", one_of=("text", "json"))
    #: Seconds that requests under way get to end when the service stops.
    shutdown_seconds: float = _within(20.0, least=0)
    #: Most jobs that one caller, and all callers together, may have waiting or running.
    jobs_per_caller: int = _within(5, least=1)
    jobs_waiting: int = _within(100, least=1, most=900)
    #: How often workers may begin one job before it fails: each that is killed or handed back counts.
    job_attempts: int = _within(3, least=1, most=100)
    #: A worker tells every so many seconds that it lives; silent for three times as long, it loses its job to another.
    heartbeat_seconds: float = _within(10.0, above=0)
    #: Send traces to an OpenTelemetry collector: its OTLP/HTTP address. Needs the extra `telemetry`.
    otlp_endpoint: str | None = None
    #: Largest file in bytes that may be sent to be imported, and the seconds that reading it may take.
    max_import_bytes: int = _within(100_000_000, least=1_000)
    import_seconds: float = _within(120.0, above=0)
    #: The folder of files that wait until their sender accepts what they would change, shared by the processes of a
    #: service; without it one in the folder of temporary files. Only the service may read it.
    import_folder: Path | None = None
    #: The folder of files of base maps that a server database names; those of a workspace lie in its own folder.
    basemap_folder: Path | None = None
    #: The folder of kept indexes of addresses; without it one beside a workspace file, and of a database one in the
    #: cache of the user that runs the service.
    index_dir: Path | None = None
    #: Most imports, and bytes of them, that may wait for one caller, and for all callers together.
    imports_per_caller: int = _within(5, least=1)
    imports_waiting: int = _within(50, least=1)
    import_bytes_per_caller: int = _within(300_000_000, least=1_000)
    import_bytes_waiting: int = _within(600_000_000, least=1_000)
    #: Most rows in one batch of `/locate`.
    max_batch_rows: int = _within(200_000, least=1)

    def __post_init__(self) -> None:
        _refuse([one.name for one in fields(self) if not _fits(one.metadata, getattr(self, one.name))])

    @classmethod
    def read(cls) -> Settings:
        """Return the settings of the environment; raise BadValue naming the variables that cannot be used."""
        environment = {name.upper(): text for name, text in os.environ.items()}
        values: dict[str, Any] = {}
        bad: list[str] = []
        for one in fields(cls):
            text = environment.get(f"{_PREFIX}{one.name.upper()}")
            # An empty variable of a setting that may be absent is one that is not set.
            if text is None or (not text.strip() and str(one.type).endswith("| None")):
                continue
            try:
                value = values[one.name] = _READ[str(one.type)](text)
            except ValueError:
                bad.append(one.name)
            else:
                if not _fits(one.metadata, value):
                    bad.append(one.name)
        _refuse(bad)
        return cls(**values)

    def identity_addresses(self) -> str:
        """Return the addresses of proxies that say who the caller is; raise BadValue where both names differ."""
        if self.identity_from and self.proxy_addresses and self.identity_from != self.proxy_addresses:
            raise BadValue(
                "GRIDSIGHT_PROXY_ADDRESSES 是 GRIDSIGHT_IDENTITY_FROM 的旧名，两者不同；请只留后者",
                "GRIDSIGHT_PROXY_ADDRESSES is the earlier name of GRIDSIGHT_IDENTITY_FROM, and they differ; "
                "keep the latter only",
            )
        return self.identity_from or self.proxy_addresses

    def hosts(self) -> frozenset[str]:
        """Return the host names that requests may name, in lower case."""
        extra = {name.strip().lower() for name in self.allowed_hosts.split(",") if name.strip()}
        return frozenset({"127.0.0.1", "localhost", "[::1]"} | extra)

    def origins(self) -> frozenset[str]:
        """Return the origins of other pages that may call this service; raise BadValue for what is no origin."""
        found = frozenset(one.strip().lower().rstrip("/") for one in self.cors_origins.split(",") if one.strip())
        if not all(_ORIGIN.fullmatch(one) for one in found):
            _refuse(["cors_origins"])
        return found


_ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?")


def _fits(metadata: Mapping[str, Any], value: Any) -> bool:
    return "fits" not in metadata or bool(metadata["fits"](value))


def _refuse(bad: list[str]) -> None:
    if bad:
        names = ", ".join(f"{_PREFIX}{name.upper()}" for name in bad)
        raise BadValue(f"环境变量 {names} 的值不可用", f"the value of {names} cannot be used")


def _whole(text: str) -> int:
    """Return a whole number; `8.0` is one, `8.5` is none."""
    return int(re.sub(r"\.0*$", "", text.strip()))


#: Type of a setting -> how it is read from text.
_READ: Mapping[str, Callable[[str], Any]] = {
    "int": _whole,
    "float": float,
    "str": str,
    "str | None": str,
    "Path | None": Path,
}
