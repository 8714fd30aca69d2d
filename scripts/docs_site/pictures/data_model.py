"""Draw the tables of the two stores from the declarations that build them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa

from geo.catalog.layers import LAYERS
from geo.storage.geopackage.schema import LATEST_RUN_VIEWS, VERDICT_VIEW
from geo.storage.postgis import tables
from geo.storage.stored_tables import LAYER_TABLES, STORED_RUN_TABLES
from scripts.docs_site.pictures.svg import (
    FILE_CARD,
    INK,
    LINE,
    MUTED,
    PANELS,
    PAPER,
    SERVER_CARD,
    SERVER_INK,
    Drawing,
    width_of,
)

_WIDTH, _LEFT = 1180, 24
_INNER = _WIDTH - 2 * _LEFT
_ROW, _HEAD = 16, 40


class Line(NamedTuple):
    """Hold one column of a table: its name, whether it is the key, and whether only the database has it."""

    name: str
    is_key: bool = False
    server_only: bool = False


class Card(NamedTuple):
    """Hold one table as it is drawn."""

    name: str
    said: str
    lines: Sequence[Line]
    fill: str = PAPER


def layer_cards() -> list[Card]:
    """Return a card for each layer: its key, and what only the database keeps; docs/layers.md lists the fields."""
    out = []
    for name, layer in LAYERS.items():
        own = {column for column, _ in LAYER_TABLES[name].columns} | {"fid", "geom"}
        more = [one.name for one in tables.LAYER_TABLES_SQL[name].columns if one.name not in own | {"version"}]
        said = f"{layer.zh} · {LAYER_TABLES[name].shape.lower()}"
        out.append(Card(name, said, [Line(layer.key, is_key=True), *(Line(one, server_only=True) for one in more)]))
    return out


def run_cards() -> list[Card]:
    """Return the cards of runs and their results."""
    out = [Card("runs", "分析批次 · runs", _lines(tables.RUNS))]
    for table in STORED_RUN_TABLES.values():
        kept = [column for column, _ in table.columns]
        more = [one.name for one in tables.RUN_TABLES_SQL[table.name].columns if one.name not in {*kept, "fid", "geom"}]
        zh = table.title.rpartition("：")[2]
        lines = [*(Line(one) for one in kept), *(Line(one, server_only=True) for one in more)]
        out.append(Card(table.name, f"{zh} · {table.shape.lower()}", lines))
    return out


def server_cards() -> list[Card]:
    """Return the cards of what only the database has: every table that is neither a layer's nor a result's."""
    said = {
        "revisions": "修订号 · counters",
        "run_coverage_parts": "按乡镇切开 · by township",
        "run_incidence": "关联模型 · incidence",
        "audit": "审计，只增不改 · append-only",
        "api_keys": "密钥散列 · hashes of keys",
        "drafts": "草案 · drafts",
        "grid_drafts": "网格草案 · drafts of grids",
        "job_files": "任务的文件 · files",
        "jobs": "任务 · jobs",
        "sessions": "登录会话 · sessions",
        "settings": "库的设置 · settings",
    }
    drawn = {*LAYERS, *(f"{name}_history" for name in LAYERS), *STORED_RUN_TABLES, "runs"}
    rest = [one for one in tables.metadata.sorted_tables if one.name not in drawn]
    return [Card(one.name, said[one.name], _lines(one), SERVER_CARD) for one in sorted(rest, key=_by_size)]


def _by_size(table: sa.Table) -> tuple[int, str]:
    return len(table.columns), table.name


def _lines(table: sa.Table) -> list[Line]:
    return [Line(one.name, one.primary_key) for one in table.columns]


def file_cards() -> list[Card]:
    """Return the cards of what only the workspace file has."""
    return [
        Card("gridsight_meta", "版本 · schema version", [Line("key", is_key=True), Line("value")], FILE_CARD),
        Card(
            "gridsight_revisions",
            "修订号 · revision",
            [Line("layer", is_key=True), Line("revision"), Line("changed_at"), Line("changed_by")],
            FILE_CARD,
        ),
        Card(
            "gridsight_actor",
            "谁在写 · who writes",
            [Line("actor"), Line("day"), Line("busy")],
            FILE_CARD,
        ),
        Card("gridsight_incidence", "关联模型 · incidence", [Line("run", is_key=True), Line("incidence")], FILE_CARD),
        Card(
            "latest_*",
            "已发布的批次 · published run",
            [Line(name) for name in (*LATEST_RUN_VIEWS, VERDICT_VIEW)],
            FILE_CARD,
        ),
        Card(
            "layer_styles", "QGIS 样式 · styles", [Line("styleName"), Line("styleQML"), Line("useAsDefault")], FILE_CARD
        ),
    ]


# --- the picture ------------------------------------------------------------------------------------------------------


def draw() -> str:
    """Return the picture as SVG."""
    picture = Drawing(_WIDTH, "格眼的数据模型：两种库的表 / Gridsight: tables of the two stores")
    y = _legend(picture, 18)
    common = "fid, geom (EPSG:4326), valid_from, valid_to"
    y = _panel(
        picture, y, f"图层 · Layers：字段见 fields in layers.md；另有 also {common}，服务器另有 on a server version",
        layer_cards(), 5, *PANELS["geo"],
    )  # fmt: skip
    y = _history(picture, y)
    y = _panel(picture, y, "分析批次与结果 · Runs and results：run → runs.id", run_cards(), 5, *PANELS["api"])
    y = _panel(picture, y + 12, "只在工作区文件里 · Workspace file only", file_cards(), 6, *PANELS["file"])
    y = _panel(
        picture, y + 12, "只在服务器上，模式 gridsight · Server only, schema gridsight", server_cards(), 6,
        *PANELS["server"],
    )  # fmt: skip
    return picture.finish(y + 18)


def _legend(picture: Drawing, y: float) -> float:
    x = float(_LEFT)
    for fill, words in (
        (PAPER, "两种库都有 · in both stores"),
        (FILE_CARD, "只在工作区文件里 · workspace file only"),
        (SERVER_CARD, "只在服务器上 · server only"),
    ):
        picture.box(x, y, 18, 14, fill, stroke=LINE, radius=3)
        picture.text(x + 25, y + 12, words, 12, fill=MUTED)
        x += 25 + width_of(words, 12) + 26
    picture.text(x, y + 12, "● 键 · key", 12, fill=MUTED)
    picture.text(x + 90, y + 12, "紫色：服务器的字段 · violet: server fields", 12, fill=SERVER_INK)
    return y + 28


def _panel(
    picture: Drawing, y: float, title: str, cards: Sequence[Card], columns: int, fill: str, stroke: str
) -> float:
    """Draw cards in columns, each new one where there is most room; return where the panel ends."""
    width = (_INNER - 24 - 10 * (columns - 1)) / columns
    ends = [y + 34.0] * columns
    placed: list[tuple[Card, float, float]] = []
    # In their order from the left while columns are empty, then wherever it is highest.
    for card in cards:
        column = min(range(columns), key=lambda k: ends[k])
        placed.append((card, _LEFT + 12 + column * (width + 10), ends[column]))
        ends[column] += _height(card) + 10
    height = max(ends) - y + 2
    picture.box(_LEFT, y, _INNER, height, fill, stroke=stroke, radius=10)
    picture.text(_LEFT + 14, y + 22, title, 13.5, bold=True)
    for card, x, top in placed:
        _card(picture, x, top, width, card, stroke)
    return y + height


def _columns_of(card: Card) -> int:
    return 2 if len(card.lines) > 8 else 1


def _height(card: Card) -> float:
    return _HEAD + -(-len(card.lines) // _columns_of(card)) * _ROW + 6


def _card(picture: Drawing, x: float, y: float, width: float, card: Card, stroke: str) -> None:
    picture.box(x, y, width, _height(card), card.fill, stroke=stroke)
    picture.text(x + 10, y + 17, card.name, 13, bold=True, code=True)
    picture.text(x + 10, y + 32, card.said, 10.5, fill=MUTED)
    per = -(-len(card.lines) // _columns_of(card))
    for k, line in enumerate(card.lines):
        column, row = divmod(k, per)
        words = f"● {line.name}" if line.is_key else line.name
        fill = SERVER_INK if line.server_only else INK
        left = x + 10 + column * (width - 12) / 2
        picture.text(left, y + _HEAD + 11 + row * _ROW, words, 11, bold=line.is_key, fill=fill, code=True)


def _history(picture: Drawing, y: float) -> float:
    """Draw the band that says where past versions go; return where the next panel begins."""
    middle = _LEFT + 150
    picture.arrow([(middle, y), (middle, y + 32)])
    picture.text(middle + 14, y + 21, "修改、删除：触发器 · update, delete: triggers", 12, fill=MUTED)
    picture.box(_LEFT, y + 34, _INNER, 58, PANELS["foundation"][0], stroke=PANELS["foundation"][1], radius=10)
    picture.text(_LEFT + 14, y + 56, "<layer>_history", 13, bold=True, code=True)
    words = "过去的版本：图层的全部列，另加 past versions: all columns of the layer and"
    picture.text(_LEFT + 150, y + 56, words, 12, fill=MUTED)
    picture.text(_LEFT + 150, y + 78, "version, changed_at, changed_by, op (update | delete)", 12, code=True)
    return y + 92 + 14
