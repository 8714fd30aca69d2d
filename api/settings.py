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
    #: A server store, which this version does not have: set, it is refused rather than passed over.
    database_url: str | None = None
    #: Language of the command line: zh or en. HTTP answers follow Accept-Language.
    lang: str = "zh"
    #: Show the traceback of an unexpected error on stderr.
    debug: bool = False
    #: Host names that requests may name besides the loopback ones, separated by commas.
    allowed_hosts: str = ""
    #: Largest request body in bytes.
    max_body_bytes: int = Field(default=20_000_000, ge=1_000)
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
