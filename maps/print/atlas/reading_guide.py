"""Draw the page of an atlas that tells how to read it: pages, scale, squares, codes, symbols, sure and possible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geo.catalog.claims import VERDICTS
from geo.catalog.kinds import GROUND_KINDS
from geo.catalog.results import OWN_ZONES
from maps.map_data import GROUND_LAYER, MapData
from maps.place_verdicts import drawn_verdicts
from maps.print import legend
from maps.print.atlas.atlas_page import AtlasContext, AtlasPage
from maps.print.atlas.atlas_plan import AtlasPlan
from maps.print.atlas.sheet_sketch import draw_sketch, sketch_height
from maps.print.map_body import PLACE_MARKS, MapContents, is_detail
from maps.print.page_layout import Rect
from maps.print.panel import HEADING_MM, PanelContext
from maps.print.pdf_canvas import MM_PER_POINT, Canvas
from maps.print.sheet_content import CLASSES, STATUSES
from maps.print.sheet_words import sheet_word
from maps.print.shown_share import shown_share
from maps.style.coverage_classes import CLASSES as COVERAGE_CLASSES

#: Least width of a column, width that the legend is made for, space between columns and between passages, mm on A3.
_COLUMN_MM, _LEGEND_MM, _GAP_MM, _BETWEEN_MM = 104.0, 96.0, 10.0, 5.0
#: Sizes of the text in points on A3, largest first; mm from line to line for each point.
_TEXT_PT, _LEADING = (11.0, 10.0, 9.0, 8.0, 7.2, 6.5), 0.52


@dataclass(frozen=True)
class Passage:
    """A heading and what stands below it, in Chinese and English."""

    heading: tuple[str, str]
    zh: str
    en: str


GUIDE = (
    Passage(
        ("页码", "Pages"),
        zh=(
            "封面、目录、说明与索引用 i、ii、iii 编页；图纸从第 1 页起，名录接在其后。图纸的编号就是它的页"
            "码，写在每页右上角，点它回到图纸索引；目录、索引与名录里的每一行、图边的每张相邻图纸也都可以点。"
        ),
        en=(
            "Cover, contents, guide and index are pages i, ii, iii; sheets begin at page 1 and the directory of "
            "grids follows them. The number of a sheet is its page, at the top right of each; it leads back to "
            "the index. Rows of contents, index and directory of grids, and the sheets named at the edges of a "
            "map, are links too."
        ),
    ),
    Passage(
        ("比例尺", "Scale"),
        zh=(
            "每张图用放得下它的最大整比例尺，各张可以不同，写在图边的比例尺块里；只有按原图尺寸打印时才成立，缩放打印"
            "后请用线段比例尺。图的上方是坐标北，与真北的夹角写在指北针下。"
        ),
        en=(
            "Each sheet has the largest round scale that shows all of it, and scales differ; each is told beside "
            "its map. It holds at original size only: after scaling use the scale bar. Grid north is up; its "
            "angle to true north stands below the arrow."
        ),
    ),
    Passage(
        ("找一个网格", "To find a grid"),
        zh=(
            "知道代码或名称：查网格名录，得页与图格。知道大致地点：查图纸索引。图格的字母在上下边，自左向右；数字在左"
            "右边，自上向下：C4 是第三列、第四行。"
        ),
        en=(
            "By code or name: the directory of grids gives page and square. By where it is: the index of sheets. "
            "Letters of squares run from left to right, numbers from top to bottom: C4 is the third column, the "
            "fourth row."
        ),
    ),
    Passage(
        ("代码", "Codes"),
        zh=(
            "代码如数据所给；十五位的，前六位是县，其后三位乡镇、三位村、三位网格。图上省去一张图之内都相同的前几位，"
            "省了哪几位写在该图的说明里；检索文字时仍可用全码。"
        ),
        en=(
            "Codes are as in the data. Of fifteen digits six are the county, three each the township, the village "
            "and the grid. The map leaves out the first digits that all codes of a sheet share, which its notes "
            "tell; a search for the full code finds it."
        ),
    ),
    Passage(
        ("相邻图纸", "Adjoining sheets"),
        zh="本图以外是灰的。图边的小框写着相邻的图纸与它的页；框放不下的，也在该图的说明里，按方位列出。",
        en=(
            "What is not of the sheet is grey. Boxes at the edges of the map name the sheets round it with their "
            "pages; the notes list them all by direction."
        ),
    ),
    Passage(
        ("确定、可能、盲区", "Sure, possible, gap"),
        zh=(
            "确定：无论未知参数取什么值都能看到。可能：未知参数取某些值时能看到。盲区：评价范围里没有被确定看到的地方"
            "。离线与规划中的摄像机不算看到。"
        ),
        en=(
            "Sure: seen whatever the unknown values are. Possible: seen for some of them. Gap: the domain that is "
            "not surely seen. Cameras that are offline or planned see nothing."
        ),
    ),
    Passage(
        ("分级", "Classes"),
        zh=(
            "颜色按确定覆盖率分级，各级的界是固定的，图与图、批次与批次可以比较。没有一处被确定看到的画斜线，范围为空"
            "的画灰。比例尺大到能看见地面时不涂级，改画看得见的地面、道路与建筑。"
        ),
        en=(
            "Colours are classes of the share surely seen. Their limits are fixed, so that sheets and runs "
            "compare. Nothing surely seen is hatched, an empty domain is grey. Where the scale shows ground, the "
            "ground seen, roads and buildings are drawn instead."
        ),
    ),
    Passage(
        ("各图的表", "Tables of a sheet"),
        zh=(
            "盲区按权重排序，号码与图上的号码相同，括号里是它在全批次的名次。声明表写成立与否和两种计数；点位表先列一"
            "类。表放不下的写明共有多少，图上放不下的注记写在说明里。"
        ),
        en=(
            "Gaps are sorted by weight; their numbers are those on the map, with the rank in the whole run in "
            "brackets. Claims have their verdict and both counts; sites of class 1 come first. A table without "
            "room for all says how many there are, and the notes tell which labels found no room."
        ),
    ),
)


def guide_page(atlas: AtlasContext, plan: AtlasPlan, number: str) -> Canvas:
    """Return the drawn page: columns of text as large as fits, and the legend of all sheets in the last."""
    page = AtlasPage(atlas, number, sheet_word("atlas_guide", atlas.lang))
    unit, body = page.unit, page.body
    gap = _GAP_MM * unit
    count = max(2, int((body.width + gap) / (_COLUMN_MM * unit + gap)))
    width = (body.width - gap * (count - 1)) / count
    columns = [Rect(body.x + at * (width + gap), body.y, width, body.height) for at in range(count)]
    for size in _TEXT_PT:
        parts, is_room = _divided(page.panel, atlas.lang, columns[:-1], size)
        if is_room:
            break
    foot = body.top
    for rect, part in zip(columns[:-1], parts, strict=False):
        top = rect.top
        for heading, lines in part:
            place = Rect(rect.x, rect.y, rect.width, top - rect.y)
            top = _draw_passage(page.panel, place, heading, lines, size) - _BETWEEN_MM * unit
        foot = min(foot, top)
    foot = min(foot, _draw_legend(page, plan, columns[-1]) - _BETWEEN_MM * unit)
    room = Rect(body.x, body.y, body.width, foot - body.y)
    if room.height >= sketch_height(page.panel):
        draw_sketch(page.panel, room, atlas.paper, sheet_word("atlas_sketch", atlas.lang))
    return page.canvas


def _divided(
    panel: PanelContext, lang: str, columns: Sequence[Rect], size: float
) -> tuple[list[list[tuple[str, list[str]]]], bool]:
    """Return the passages of each column, as headings and lines, and whether they all fit at that size."""
    unit, found = panel.unit, []
    for passage in GUIDE:
        text = passage.zh if lang == "zh" else passage.en
        lines = panel.canvas.font.wrap(text, size * unit * MM_PER_POINT, columns[0].width)
        height = (HEADING_MM + len(lines) * _line_mm(size) + _BETWEEN_MM) * unit
        found.append((height, (passage.heading[lang != "zh"], lines)))
    parts: list[list[tuple[str, list[str]]]] = [[]]
    used, tallest, whole = 0.0, 0.0, sum(height for height, _ in found)
    for height, one in found:
        # A column is full at its share of the whole, so that they end at about one height.
        if used + height / 2 > whole / len(columns) and len(parts) < len(columns):
            parts.append([])
            used = 0.0
        parts[-1].append(one)
        used += height
        tallest = max(tallest, used)
    return parts, tallest <= columns[0].height


def _line_mm(size: float) -> float:
    return size * _LEADING


def _draw_passage(panel: PanelContext, rect: Rect, heading: str, lines: Sequence[str], size: float) -> float:
    """Write a heading and its lines from the top of a rectangle, and return the y below them."""
    y, step = panel.heading(rect, heading), _line_mm(size) * panel.unit
    for at, line in enumerate(lines, 1):
        panel.text(rect.x, y - (at - 0.25) * step, line, size)
    return y - len(lines) * step


def _draw_legend(page: AtlasPage, plan: AtlasPlan, rect: Rect) -> float:
    """Draw the legend of all sheets, as large as the column is wide, and return the y below it."""
    contents, layer = _whole_contents(page.atlas, plan), page.atlas.content.layer
    large = PanelContext(page.canvas, page.unit * min(1.5, rect.width / (_LEGEND_MM * page.unit)), page.atlas.lang)
    share = shown_share(page.atlas.data, page.atlas.content)
    height = legend.legend_height(large, contents, layer)
    place = Rect(rect.x, rect.top - height, rect.width, height)
    legend.draw_legend(large, place, contents, layer, detail=False, share=share)
    return place.y


def _kinds_of_ground(data: MapData, *, detailed: bool) -> set[str]:
    """Return what of the store's ground some sheet may show."""
    ground = data.reference.get(GROUND_LAYER)
    return set() if ground is None else set(ground["kind"]) & (set(GROUND_KINDS) if detailed else {"water"})


def _whole_contents(atlas: AtlasContext, plan: AtlasPlan) -> MapContents:
    """Return what the maps of all sheets show, with the numbers of the whole area."""
    content, data = atlas.content, atlas.data
    codes = content.zones["class"].tolist()
    sites = content.sites
    counts = {
        (kind, status): int(((sites["class"] == kind) & (sites["status"] == status)).sum())
        for kind in CLASSES
        for status in STATUSES
    }
    layers = {"county", "township", "neighbour"} if len(plan.townships) else {"county", "neighbour"}
    layers |= {name for name in PLACE_MARKS if len(data.reference.get(name, ())) and data.verdicts is None}
    if any(name.startswith(OWN_ZONES) and len(zones) for name, zones in data.zones.items()):
        layers.add("areas")
    seen: dict[int, float] = {}
    detailed = any(is_detail(one.frame) for one in plan.sheets)
    layers |= _kinds_of_ground(data, detailed=detailed)
    if detailed:
        layers |= {
            name for name, key in (("road", "roads"), ("obstacle", "obstacles")) if len(data.reference.get(key, ()))
        }
        if data.possible is not None and len(data.possible):
            layers.add("possible")
        if data.coverage is not None and len(data.coverage) and "k" in data.coverage:
            seen = {int(k): float("nan") for k in np.unique(data.coverage.k)}
    verdicts = {}
    if data.verdicts is not None:
        told = drawn_verdicts(data.verdicts)["verdict"].tolist()
        verdicts = {name: told.count(name) for name in VERDICTS if name in told}
    return MapContents(
        {one.code: codes.count(one.code) for one in COVERAGE_CLASSES},
        {key: count for key, count in counts.items() if count},
        0,
        0,
        len(content.gaps),
        seen,
        frozenset(layers),
        verdicts,
    )
