"""Add a field and a layer to a copy of the project, as docs/develop/add_a_field.md and add_a_layer.md say."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

DAY = "2031-05-06"

FIELD = """
        text(
            "heated", "加热", "Heated", "是否加热 加热情况",
            Choice("yes", "已加热", "yes", "是 已加热"), Choice("no", "未加热", "no", "否 未加热"),
            since="2031-05-06",
        ),
"""
LAYER = """
_BENCHES = Layer(
    "benches", "座椅", "Benches", ("point",), "id",
    (text("id", "编号", "Id", "座椅编号"), integer("seats", "座位数", "Seats", "座位", limits=_NOT_NEGATIVE)),
    is_scoped=True, drawn_rank=7, map_fields=("id", "seats"), since="2031-05-06",
)  # fmt: skip

#: Every stored vector layer by name"""
MIGRATION = '''"""Add the field cameras.heated and the layer benches."""

from __future__ import annotations

from migrations.parts_20261122.changes import add_columns, add_layer, drop_columns, drop_layer
from migrations.parts_20261122.tables import Plan
from migrations.steps import begin

revision = "{revision}"
down_revision = "{before}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them."""
    begin()
    add_columns("cameras", "heated t")
    add_layer(Plan("benches", "POINT", "id", "id t, seats i", is_scoped=True))


def downgrade() -> None:
    """Take them out."""
    begin()
    drop_layer("benches")
    drop_columns("cameras", "heated")
'''


def grow(folder: Path) -> list[str]:
    """Copy the project into a folder, add a field and a layer, and return the files that it took."""
    for name in ("geo", "maps", "api", "migrations", "scripts", "docs"):
        shutil.copytree(ROOT / name, folder / name)
    _edit(
        folder / "geo/catalog/layers.py",
        'contractor integrator installer",\n        ),\n',
        FIELD,
    )
    _edit(folder / "geo/catalog/layers.py", "#: Every stored vector layer by name", LAYER, instead=True)
    _edit(folder / "geo/catalog/layers.py", "_PROTECTED, _ADDRESSES,", " _BENCHES,")
    before = max(path.name.split("_")[1] for path in (folder / "migrations/versions").glob("2*.py"))
    revision = f"{int(before) + 1:04}"
    made = folder / f"migrations/versions/20310506_{revision}_benches.py"
    made.write_text(MIGRATION.format(revision=revision, before=before), encoding="utf-8")
    subprocess.run([sys.executable, "scripts/catalog_tables.py"], cwd=folder, check=True)
    return sorted(_changed(folder))


def _edit(path: Path, anchor: str, text: str, *, instead: bool = False) -> None:
    whole = path.read_text(encoding="utf-8")
    assert whole.count(anchor) == 1, f"{path.name} has {anchor!r} once"
    path.write_text(whole.replace(anchor, text if instead else anchor + text), encoding="utf-8")


def _changed(folder: Path) -> list[str]:
    files = [
        path.relative_to(folder) for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts
    ]
    return [
        str(file)
        for file in files
        if not (ROOT / file).exists() or (ROOT / file).read_bytes() != (folder / file).read_bytes()
    ]
