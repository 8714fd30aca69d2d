"""Choose and open the store both doors use (CONTRACT section 1)."""

from __future__ import annotations

from pathlib import Path

from api.settings import Settings
from geo.errors import BadValue, NotFound
from geo.storage import open_store
from geo.storage.base import Store

_DEFAULT = Path("workspace.gpkg")


def workspace_of(settings: Settings, workspace: Path | None = None) -> Path:
    """Return the workspace file: the flag, else GRIDSIGHT_WORKSPACE, else ./workspace.gpkg.

    Raises
    ------
    BadValue
        GRIDSIGHT_DATABASE_URL is set and no flag overrules it: falling back to a file would answer from other data.
    """
    if workspace is not None:
        return workspace
    if settings.database_url:
        raise BadValue(
            "设置了 GRIDSIGHT_DATABASE_URL，但此版本没有服务器库；请用 --workspace 指明工作区文件",
            "GRIDSIGHT_DATABASE_URL is set, but this version has no server store; name a file by --workspace",
        )
    return settings.workspace or _DEFAULT


def open_workspace(settings: Settings, workspace: Path | None = None, *, create: bool = False) -> Store:
    """Open the workspace; raise NotFound where it is not there and may not be made, StoreBroken where it is none."""
    path = workspace_of(settings, workspace)
    if not create and not path.exists():
        raise NotFound(
            f"没有工作区 {path}，请先运行 gridsight import 或 gridsight demo",
            f"there is no workspace {path}; run gridsight import or gridsight demo first",
        )
    return open_store(path, create=create)
