"""Read the words that Chinese and English tables use for kinds, states, classes and levels."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping


def _choice(**words: str) -> Mapping[str, str]:
    return {word: name for name, line in words.items() for word in (name, *line.split())}


_CHOICES: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("cameras", "kind"): _choice(
        fixed="枪机 固定 固定枪机 固定式 固定摄像机 枪型 枪式 筒机 筒型 定焦 半球 bullet box",
        ptz="球机 云台 快球 高速球机 球型 可控 云台枪机 遥控枪机 遥控半球 dome panning speeddome",
        panoramic="全景 全景摄像机 高空全景 鱼眼 fisheye panorama 360",
    ),
    ("cameras", "status"): _choice(
        online="在线 正常 运行 正常运行 在用 启用 使用中 完好 良好 已联网 是 on ok 1 normal active working true yes",
        offline="离线 不在线 断线 故障 停用 维修 维修中 损坏 异常 未联网 否 off 0 "
        "fault broken inactive disabled false no",
        planned="拟建 规划 计划 待建 在建 新建 未建 建设中 proposed construction project",
        removed="拆除 已拆除 报废 注销 demolished",
    ),
    ("divisions", "level"): _choice(
        county="县 区 县级 区县 区县级 县区 市辖区 县级市 district 3",
        township="乡 镇 街道 乡级 乡镇 乡镇级 镇街 乡镇街道 街道办 town street 4",
        village="村 社区 村级 村社区 村居 居委会 村委会 行政村 community 5",
    ),
    ("grids", "kind"): _choice(
        general="综合 综合网格 基础 基础网格 普通 微网格 1",
        dedicated="专属 专属网格 专用 2",
    ),
    ("protected", "rule"): _choice(never="禁止 不得 禁拍", mask="遮挡 遮蔽 屏蔽", consent="同意 须同意 经同意"),
}  # fmt: skip
_CLASS = {"1": 1, "一": 1, "i": 1, "2": 2, "二": 2, "ii": 2, "3": 3, "三": 3, "iii": 3}
_CLASS_AFFIX = re.compile(r"^(?:第|class)|(?:类|级)?(?:视频监控)?(?:点位|点|监控)?$")
_GRID_LEVEL = {"1": 1, "一级": 1, "网格": 1, "一": 1, "2": 2, "二级": 2, "微网格": 2, "二": 2}


def chooser(layer: str, field: str) -> Callable[[str], str | None] | None:
    """Return the function reading a word of that field as one of its choices, None for a free field.

    The state of a camera may also be read as ``removed``, which no stored row has.
    """
    table = _CHOICES.get((layer, field))
    return None if table is None else lambda text: table.get(_squeezed(text))


def camera_class(text: str) -> int | None:
    """Read the class of a camera: 1, 2 or 3, as ``一类``, ``Ⅱ类点`` or ``3``; None where it is none of them."""
    return _CLASS.get(_CLASS_AFFIX.sub("", _squeezed(text)))


def grid_level(text: str) -> int | None:
    """Read the level of a grid: 1 grid, 2 micro-grid; None where it is neither."""
    return _GRID_LEVEL.get(_squeezed(text))


def _squeezed(text: str) -> str:
    return re.sub(r"[\s_-]", "", unicodedata.normalize("NFKC", text)).casefold()
