"""Know columns of cameras by their words where no heading tells: read where the heading agrees, else offered."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence

import pandas as pd

from geo.catalog.free_words import place_word
from geo.catalog.layers import Layer
from geo.catalog.yes_no import is_yes
from geo.readers.columns.column_mapping import is_other_state, normalised_column_name
from geo.readers.source import SourceTable
from geo.readers.words import camera_words, cell_values
from geo.readers.words.directions import directions_of, is_full_circle
from geo.readers.words.value_words import value_reader
from geo.sentences import sentence
from geo.types import CellFinding

#: Cells looked at to know a column, the share of their different words that tells, and of cells that are filled.
_LOOKED_AT, _SHARE, _FILLED = 1000, 0.8, 0.5
#: Cells that are filled at least, and words that a finding shows.
_LEAST, _SHOWN = 2, 3
#: Letters of the longest heading that is taken apart: the ways to do so double with every few of them.
_LONGEST = 24
# What headings of cameras are made of beside the words of a field. One that holds anything else, as 派出所等级 or
# 原机型, may be of something else: it is offered.
_OF_CAMERA = (
    "摄像机|摄像头|监控|监视|监看|视频|前端|点位?|设备|装备|器材|相机|镜头|探头|资源|资产|球机|枪机|机[位子]|安装|安置|布设|建设|采集"
    "|治安|公安|雪亮|社会|信息|参数|基本|管控|防控|布控|重点|感知|现场|当前|目前|现在|[现实]际?|主要|具体|所[在属处]|是否|[的该一二三123、/()]"
    "|camera|cctv|device|equipment|site|point|the|of|is|current|present|actual"
)
#: What a heading of each field has in it; a column is read for the field where words and heading agree.
_HINTS = {
    "azimuth": (
        "朝向?|面?向|方[位向]|观[看测察]|关注|看|拍摄?|抓拍|照[射向]?|画面|正面|面|对[准着]?|角度?|哪|到|去"
        "|direction|facing|faces?|aim|looks?|looking|views?|viewing|bearing|towards?"
    ),
    "kind": (
        "机型?|类型?|[型种式样别]|形[态式状]|结构|外[形观]|枪球|设备|装备|器材"
        "|devices?|types?|kinds?|models?|style|form"
    ),
    "status": (
        "状[态况]|情况|现状|在线|运[行转维]|可用|好坏|完好|工作|使用|在用|启用|通断|[与否性率吗]|描述|说明"
        "|status|state|condition|working|online|service|operation|operational"
    ),
    "class": "类[别型]?|[级分别等层]|等级|级别|属性|管理|class|grade|level|category|type",
    "place_type": (
        "室|[内外]|屋|位置?|环境|场[所景地]|类[别型]?|部位|使用|属性"
        "|indoors?|outdoors?|or|location|environment|position|type|place"
    ),
}
#: Headings under which such words say something else.
_OTHERS = {
    "azimuth": "路|街|门|道|房|风|行驶|车流|流向|road|wind|traffic",
    "kind": "名|地址|地点|编号|编码|厂|品牌|name|address|brand|vendor",
    "class": "道路|公路|防护|电压|风险|密级|保密|等保|安全|行政|管线|建筑|road|protection|risk",
}


def read_by_content(
    source: SourceTable,
    layer: Layer,
    raw: dict[str, pd.Series],
    mapping: dict[str, str],
    unused: Sequence[str],
    explicit: Collection[str],
) -> list[str]:
    """Read unused columns whose words are those of a field that has none; return the columns that nobody reads.

    Where the heading says nothing of the field the column stays unread, and a finding offers it.

    Parameters
    ----------
    raw, mapping
        Field -> cells that are read, and -> column; both are changed in place.
    unused
        Columns that nobody reads.
    explicit
        Fields whose column the user named.
    """
    left = list(unused)
    for field, understands in _READERS.items():
        if field in explicit or (field in raw and _words(raw[field])[1]):
            continue
        found = [
            (column, words, filled)
            for column in left
            if column in source.columns and not _says_other(field, column)
            for words, filled in [_words(source.columns[column])]
            if filled >= _LEAST and sum(map(understands, words)) >= _SHARE * len(words)
        ]
        enough = _FILLED * min(len(source), _LOOKED_AT)
        named = [column for column, _, filled in found if filled >= enough and _agrees(field, column)]
        zh = layer.field(field).zh
        for column, words, filled in found:
            if named == [column]:  # of several nothing tells which: 朝向1, 朝向2
                left[left.index(column) : left.index(column) + 1] = [mapping[field]] if field in mapping else []
                raw[field], mapping[field] = source.columns[column].reset_index(drop=True), column
                note = sentence(f"{column} 按内容读作{zh}", f"{column} is read as {field}, by its words")
                source.notes[note] += len(source)
            elif len(named) != 1:
                reason = sentence(
                    f"这一列的词像是{zh}，没有读；用 --map {field}=列名 指明",
                    f"the words of this column look like {field}, and were not read: name it with --map {field}=COLUMN",
                )
                shown = f"{column}: {', '.join(words[:_SHOWN])}"[:200]
                source.file_findings.append(CellFinding(field, reason, shown, (), filled))
    return left


def _agrees(field: str, column: str) -> bool:
    """Return whether a heading is of the field and of nothing else than a camera.

    Examples
    --------
    >>> [_agrees("class", name) for name in ("管控分级", "派出所等级", "重点")]
    [True, False, False]
    """
    plain = normalised_column_name(column)
    return (
        len(plain) <= _LONGEST
        and re.search(_HINTS[field], plain) is not None
        and re.fullmatch(f"(?:{_OF_CAMERA}|{_HINTS[field]})+", plain) is not None
    )


def _says_other(field: str, column: str) -> bool:
    if field == "status":
        return is_other_state(column)
    return field in _OTHERS and re.search(_OTHERS[field], normalised_column_name(column)) is not None


def _words(cells: pd.Series) -> tuple[list[str], int]:
    """Return the different words of the first cells of a column, and how many of the cells are filled."""
    texts = [text for text in cell_values.texts(cells.iloc[:_LOOKED_AT]) if text is not None]
    return list(dict.fromkeys(texts)), len(texts)


def _is_direction(text: str) -> bool:
    if not any(letter.isalpha() for letter in text):
        return False
    try:
        return is_full_circle(text, bare_360_is_none=False) or bool(directions_of(text, is_osm=False))
    except ValueError:
        return False


def _is_kind(text: str) -> bool:
    return not text.isdigit() and _read("kind", text) is not None


def _is_state(text: str) -> bool:
    # A yes says nothing without the question, and a code nothing without its table.
    return len(text) > 1 and not text.isdigit() and is_yes(text) is None and _read("status", text) is not None


def _is_class(text: str) -> bool:
    return re.search("[类级]", text) is not None and camera_words.camera_class(text)[0] is not None


def _is_place(text: str) -> bool:
    return place_word(text) is not None


def _read(field: str, text: str) -> str | None:
    reader = value_reader("cameras", field)
    return None if reader is None else reader(text)


_READERS: Mapping[str, Callable[[str], bool]] = {
    "azimuth": _is_direction,
    "kind": _is_kind,
    "status": _is_state,
    "class": _is_class,
    "place_type": _is_place,
}
