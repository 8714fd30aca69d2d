"""Hold the settings of the doors, read once by whoever starts them."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from geo.errors import BadValue


class Settings(BaseSettings):
    """Settings, each from an environment variable `GRIDSIGHT_...` unless the caller gives it."""

    model_config = SettingsConfigDict(env_prefix="GRIDSIGHT_", extra="ignore")

    #: The workspace file; without it `./workspace.gpkg`.
    workspace: Path | None = None
    #: The server store: postgresql://LOGIN@HOST/DATABASE. The password may stand in database_password_file.
    database_url: str | None = None
    #: A file whose first line is the password of the database login (a secret of compose or systemd).
    database_password_file: Path | None = None
    #: Connections of one process for requests, and for tiles.
    pool_size: int = Field(default=8, ge=1, le=200)
    tile_pool_size: int = Field(default=4, ge=1, le=200)
    #: Bytes of tiles that one process keeps in memory; 0 keeps none. A kept tile is served only while it still holds.
    tile_cache_bytes: int = Field(default=64_000_000, ge=0)
    #: Longest time in seconds that one statement of a request may take on the server.
    statement_seconds: float = Field(default=30.0, gt=0)
    #: Language of the command line: zh or en. HTTP answers follow Accept-Language.
    lang: str = "zh"
    #: Show the traceback of an unexpected error on stderr.
    debug: bool = False
    #: Host names that requests may name besides the loopback ones, separated by commas.
    allowed_hosts: str = ""
    #: Largest request body in bytes.
    max_body_bytes: int = Field(default=20_000_000, ge=1_000)
    #: Longest time in seconds that the head of a request may take to arrive, and as long its body.
    arrival_seconds: float = Field(default=60.0, gt=0)
    #: Requests per minute of one key, or of one address without a key; 0 sets no limit.
    rate_per_minute: int = Field(default=0, ge=0)
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
    #: Take the caller from headers of a proxy at these addresses (CIDR, separated by commas); empty is never.
    proxy_addresses: str = ""
    #: A file with at least 32 random bytes that seal the sessions of signed-in people, the same for every process of an
    #: office; without it each process makes its own, and sessions end with it.
    session_secret_file: Path | None = None
    #: How long a person stays signed in, in hours.
    session_hours: float = Field(default=12.0, gt=0, le=24 * 30)
    #: Logs as lines of JSON (json) or as text (text).
    log_format: str = Field(default="text", pattern="^(text|json)$")
    #: Seconds that requests under way get to end when the service stops.
    shutdown_seconds: float = Field(default=20.0, ge=0)
    #: Most jobs that one caller, and all callers together, may have waiting or running.
    jobs_per_caller: int = Field(default=5, ge=1)
    jobs_waiting: int = Field(default=100, ge=1, le=900)
    #: How often workers may begin one job before it fails: each that is killed or handed back counts.
    job_attempts: int = Field(default=3, ge=1, le=100)
    #: A worker tells every so many seconds that it lives; silent for three times as long, it loses its job to another.
    heartbeat_seconds: float = Field(default=10.0, gt=0)
    #: Send traces to an OpenTelemetry collector: its OTLP/HTTP address. Needs the extra `telemetry`.
    otlp_endpoint: str | None = None
    #: Most rows in one batch of `/locate`.
    max_batch_rows: int = Field(default=200_000, ge=1)

    @classmethod
    def read(cls) -> Settings:
        """Return the settings of the environment; raise BadValue naming the variables that cannot be used."""
        try:
            return cls()
        except ValidationError as error:
            names = ", ".join(f"GRIDSIGHT_{'_'.join(map(str, one['loc']))}".upper() for one in error.errors())
            raise BadValue(f"环境变量 {names} 的值不可用", f"the value of {names} cannot be used") from None

    def hosts(self) -> frozenset[str]:
        """Return the host names that requests may name, in lower case."""
        extra = {name.strip().lower() for name in self.allowed_hosts.split(",") if name.strip()}
        return frozenset({"127.0.0.1", "localhost", "[::1]"} | extra)
