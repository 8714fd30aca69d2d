"""Hold the two drawn pictures to the code that they are drawn from."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest

from geo.catalog.layers import LAYERS
from geo.storage.postgis.tables import metadata
from scripts.docs_site.navigation import ROOT
from scripts.docs_site.pictures import PICTURES, architecture, data_model

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", PICTURES)
def test_the_picture_in_the_repository_is_the_one_drawn_now(name: str) -> None:
    stands = (ROOT / name).read_text(encoding="utf-8")
    assert stands == PICTURES[name](), f"{name} is out of step with the code: run make docs and commit it"


def words(name: str) -> list[str]:
    root = ElementTree.fromstring((ROOT / name).read_text(encoding="utf-8"))
    return [one.text or "" for one in root.iter(f"{SVG}text")]


def test_every_room_is_drawn_and_arrows_go_down() -> None:
    lines = [row for row in architecture.rows() if set(row) <= set(architecture.ROOMS)]
    place = {name: k for k, row in enumerate(architecture.rows()) for name in row}
    assert len(lines) >= 6
    assert set(place) <= set(words("docs/images/architecture.svg"))
    arrows = architecture.arrows()
    assert ("assessment", "visibility") in arrows
    for upper, lower in arrows:
        assert place[upper] < place[lower], f"{upper} imports {lower} against the contracts"


def test_no_arrow_follows_from_others() -> None:
    """Where a imports b and b imports c, no arrow from a to c is drawn, though studies import most rooms."""
    arrows = set(architecture.arrows())
    direct = {tuple(one.removeprefix("geo.") for one in pair) for pair in architecture.imports()}
    assert ("studies", "assessment") in direct
    assert ("studies", "assessment") not in arrows
    assert all((a, d) not in arrows for a, b in arrows for c, d in arrows if b == c)


def test_every_room_of_the_other_packages_is_drawn() -> None:
    for package, lines in architecture.ABOVE.items():
        drawn = {room for line in lines for room, *_ in line}
        folders = {path.parent.name for path in (ROOT / package).glob("*/__init__.py")}
        assert folders <= drawn, package
        assert all((ROOT / package / room).is_dir() or (ROOT / package / f"{room}.py").is_file() for room in drawn)


def test_every_table_and_every_key_is_drawn() -> None:
    drawn = words("docs/images/data_model.svg")
    plain = {word.removeprefix("● ") for word in drawn}
    for table in metadata.tables.values():
        if not table.name.endswith("_history"):
            assert table.name in plain, table.name
    for layer in LAYERS.values():
        assert f"● {layer.key}" in drawn
    assert {card.name for card in data_model.file_cards()} <= plain


def test_what_is_drawn_of_the_workspace_file_is_there(tmp_path) -> None:
    import sqlite3
    from contextlib import closing

    from geo.storage.geopackage.store import open_store

    path = tmp_path / "w.gpkg"
    open_store(path).close()
    with closing(sqlite3.connect(path)) as conn:
        for card in data_model.file_cards():
            for name in [line.name for line in card.lines] if card.name.endswith("*") else [card.name]:
                columns = {row[1] for row in conn.execute(f'PRAGMA table_info("{name}")')}
                assert columns, name
                if not card.name.endswith("*"):
                    assert {line.name for line in card.lines} <= columns, name


def test_texts_stay_within_their_picture() -> None:
    """A label wider than the picture, as estimated, would be cut off."""
    from scripts.docs_site.pictures.svg import width_of

    for name in PICTURES:
        root = ElementTree.fromstring((ROOT / name).read_text(encoding="utf-8"))
        width = float(root.get("width") or 0)
        for one in root.iter(f"{SVG}text"):
            length = width_of(one.text or "", float(one.get("font-size") or 0))
            left = (
                float(one.get("x") or 0)
                - {"start": 0, "middle": length / 2, "end": length}[one.get("text-anchor") or ""]
            )
            assert left >= 0, one.text
            assert left + length <= width, one.text
