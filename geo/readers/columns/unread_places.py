"""Tell by heading or cells whether a column that nobody reads speaks of places, so that it is not lost in silence."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from geo import crs_words
from geo.catalog.yes_no import is_yes
from geo.readers.columns.column_mapping import normalised_column_name
from geo.readers.columns.coordinate_columns import is_sure_pair, is_wkt
from geo.readers.columns.part_headings import level_of_cells
from geo.readers.columns.place_cells import SHARE, is_written_address

# A heading that ends in a word for a place, whatever stands before it, and what a column says of that place.
_PLACE = re.compile(
    r"(?:[乡镇村屯]|社区|街道|苏木|嘎查|浩特|[分农牧林]场|[县旗]|(?<!小)区|区划|(?<!财)政区|路|街|巷|地址|住址|住所|位置|地点"
    r"|方位|坐落|座落|坐标|[经纬]度|网格|属地|籍贯|户籍|起点|终点|地图|居住地|所在地)"
    r"(?:名称?|全称|编[号码]|代[码号]|描述|信息|说明|详情|id|code|name|[xy])?(?:\d{1,2}|[一二三])?$"
    r"|^(?:[a-z]*(?:address|location|longitude|latitude|coords?|coordinates?|geom|geometry|wkt|town|township|village|county"
    r"|district|grid)|(?:old|new|second|start|end|gps|gcj|gcj02|bd|bd09|wgs|wgs84)?(?:lon|lng|lat|x|y)|crs|srid)"
    r"(?:id|code|name|no|wgs84|gcj02|bd09)?\d{0,2}$"
)
# What is counted or told of a place, and says not where it is.
_NO_PLACE = re.compile(
    r"类型|类别|种类|状态|数量|面积|数$|是否|有无|精度|误差|日期|时间|长度|宽度|高度|等级|级别|灯|[单部]位$|小区$"
)
#: Said of coordinates in any CRS.
_OF_ANY = re.compile("gps|北斗", re.IGNORECASE)
_WORD = re.compile("[A-Za-z\u4e00-\u9fff]{2}")


def speaks_of_place(heading: str, texts: Sequence[str]) -> bool:
    """Return whether a column speaks of places, by its heading or by its first cells.

    Examples
    --------
    >>> [speaks_of_place(heading, ["东街1号"]) for heading in ("户籍地址", "起点经度", "备注", "事由")]
    [True, True, True, True]
    >>> speaks_of_place("备注", ["已联系"]), speaks_of_place("定位方式", ["BD09"]), speaks_of_place("是否城区", ["是"])
    (False, True, False)
    """
    if not texts:
        return False
    plain = normalised_column_name(heading.rpartition("/")[2])
    if _PLACE.search(plain):
        return _NO_PLACE.search(plain) is None and not all(is_yes(text) is not None for text in texts)
    tests = (is_wkt, is_sure_pair, is_written_address, _names_system)
    enough = SHARE * len(texts)
    return level_of_cells(heading, texts) is not None or any(sum(map(test, texts)) >= enough for test in tests)


def columns_of_places(
    names: Sequence[str], used: Collection[str | None], samples: Mapping[str, Sequence[str]]
) -> list[str]:
    """Return the columns that speak of places and are not used.

    Examples
    --------
    >>> columns_of_places(["地址", "户籍地址", "备注"], {"地址"}, {"户籍地址": ["东街1号"], "备注": ["无"]})
    ['户籍地址']
    """
    return [name for name in names if name not in used and speaks_of_place(name, samples.get(name, ()))]


def _names_system(text: str) -> bool:
    plain = _OF_ANY.sub("", text)
    return _WORD.search(plain) is not None and crs_words.system_of_word(plain) is not None
