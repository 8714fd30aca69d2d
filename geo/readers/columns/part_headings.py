"""Know the columns of the parts of addresses, county to room, by headings, and those of divisions by cells too."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from geo.catalog.division_codes import DIVISION_LEVELS, code_text
from geo.readers.columns.column_mapping import normalised_column_name

# The parts of an address in the order of its text: headings, and what follows a bare number.
_PARTS: Sequence[tuple[str, str]] = (
    ("省 省份 省级 省市 province", ""),
    ("市 地市 城市 地级市 市州 市级 city prefecture", ""),
    ("县 区县 县区 县市区 区 市县 县级 县市 county district banner", ""),
    ("乡镇 镇 乡 镇街 乡镇街道 镇乡 乡级 town township sumu zhen", ""),
    ("街道 街道办 街道办事处 办事处 subdistrict", ""),
    ("社区 村社区 村居 居委会 社区村 community", ""),
    ("村 行政村 村庄 自然村 village", ""),
    ("组 村民组 小组 村民小组 社 group", "组"),
    ("路 道路 街路巷 街巷 路街巷 路段 街 街路 巷 road street", ""),
    ("号 门牌 门牌号 门楼牌号 门楼牌 路号 门号 号码 门牌号码 number housenumber doornumber streetnumber", "号"),
    ("小区 住宅小区 院落 小区院落 residentialquarters residentialquarter estate compound", ""),
    ("楼号", "号楼"),
    ("栋 栋号 楼栋 楼栋号", "栋"),
    ("幢 幢号 楼幢 building buildingnumber", "幢"),
    ("单元 单元号 unit", "单元"),
    ("室 房号 室号 房间号 户室 户室号 房间 room roomnumber", "室"),
)
#: A heading of words of one level only is one of its part, in whatever order: 旗县区, 苏木乡镇, 居村委.
_WORDS_OF_PARTS: Mapping[int, re.Pattern[str]] = {
    1: re.compile(r"(?=.*[市州盟])(?:地级?|[市州盟])+级?"),
    2: re.compile(r"(?=.*[县区旗])(?:自治|[县区旗市])+级?"),
    3: re.compile(r"(?=.*(?:乡|镇|苏木|街道|街办|镇办))(?:民族|街道办事处|街道办?|街办?|苏木|镇办|[乡镇])+级?"),
    5: re.compile(r"(?=.*(?:村|社区|居|嘎查))(?:行政|自然|[村居]民(?=委)|委员会|社区|嘎查|[村居]|委会?|会)+级?"),
}
#: Of these the first are divisions, the coarsest first: their levels.
_LEVELS_OF_PARTS = ("province", "city", "county", "township", "township", "village", "village")
_WORDS_OF_HEADINGS = {_PARTS[place][0]: words for place, words in _WORDS_OF_PARTS.items()}
_HEADINGS = frozenset(heading for headings, _ in _PARTS for heading in headings.split())
#: Columns whose divisions may be of any level: their cells say which. Codes are no part of the text of an address.
_OF_ANY_LEVEL = "行政区划 行政区域 区划 政区"
# What stands before the word of a part, and says no more than that it is that of the place: 归属乡镇, 1.乡镇.
_BEFORE = re.compile(
    r"^(?:\d{1,2}[.、．]|(?:地址|地点|位置|事件|案件|点位)?(?:所属|所在|归属|管辖|辖区|属地|事发|发生|案发|居住|现住?|新))+(?=.)"
)
_BEHIND = re.compile(r"(?<=.)(?:名称|名|别|name)$")
_CODE = re.compile(r"(?<=.)(?:代码|编码|code)$")
#: Another place than that of the row's matter: where a person lives or is registered, or where it was before.
_ELSEWHERE = re.compile(
    r"户籍|户口|[籍祖]贯|原籍|祖籍|出生|身份证|(?:申请|申报|报案|报警|举报|投诉|反映|当事|代理|监护|权利?|委托|收件|寄件|被告?|原告)人"
    r"|联系|联络|通讯|通信|邮寄|收件|寄件|户主|法人|单位|公司|企业|[旧曾]|^原(?!始)|历史|(?:变更|调整|修改|更正|迁移)前"
    r"|applicant|contact|mailing|birth|former|previous|(?<![a-z])old"
)
#: Headings whose cells may be codes of divisions; other numbers of so many digits are no places.
_OF_CODES = re.compile(r"区划|政区|乡|镇|村|社区|街道|县|旗|苏木|嘎查|xzq|(?:town|village|county|district|division)")
#: Who deals with the matter is in a division of its own.
_OF_OFFICES = re.compile(r"部门|机构|来源|[上填]报|承办|办理|处[置理]|责任|转[办交]|派")
_NO_CODES = re.compile(r"邮|电话|网格|地址|post|zip|grid|addr")
_NAMES: Sequence[tuple[str, re.Pattern[str]]] = (
    ("village", re.compile(r"[\u4e00-\u9fff]{1,14}(?:村|(?<!小)社区|嘎查|[村居]民?委会|委员会)")),
    ("township", re.compile(r"[\u4e00-\u9fff]{1,12}(?:镇|乡|苏木|街道|街道办|办事处)")),
    ("county", re.compile(r"[\u4e00-\u9fff]{1,10}(?:县|旗|(?<![小社片园城景地东西南北中辖库])区)")),
)
_OF_ANY_NAME = re.compile(r"(?:各|全|本|其他|所有)?[县市区旗]?(?:乡|镇|街道|村|社区|苏木|嘎查|办事处)+")
#: Of a single column no address is made: a town is none, and neither is a number.
_FEWEST_PARTS = 2
#: Of the cells of a column: what share says that they are names or codes of divisions.
_SHARE = 0.8


def part_columns(names: Sequence[str]) -> list[tuple[str, str]]:
    """Return the columns that hold parts of an address, in the order of the text, each with what follows a number.

    Examples
    --------
    >>> part_columns(["室", "路", "电话", "县名称", "号"])
    [('县名称', ''), ('路', ''), ('号', '号'), ('室', '室')]
    """
    return [(found[0], after) for (_, after), found in zip(_PARTS, _every(names, _PARTS), strict=True) if found]


def division_columns(names: Sequence[str]) -> dict[str, str]:
    """Return the columns that name divisions, the coarsest first, with the level of each.

    Examples
    --------
    >>> division_columns(["所属村", "路", "乡镇名称", "详细地址"])
    {'乡镇名称': 'township', '所属村': 'village'}
    >>> division_columns(["村", "行政区划"])
    {'行政区划': 'township', '村': 'village'}
    >>> division_columns(["旗县区", "苏木乡镇", "居村委", "居民"])
    {'旗县区': 'county', '苏木乡镇': 'township', '居村委': 'village'}
    >>> division_columns(["1.乡镇", "归属村", "town_name"])
    {'1.乡镇': 'township', '归属村': 'village'}
    """
    return {columns[0]: level for columns, level in division_groups(names)}


def division_groups(names: Sequence[str]) -> list[tuple[tuple[str, ...], str]]:
    """Return the columns of each level of divisions, the coarsest first: that which is read first before others.

    Examples
    --------
    >>> division_groups(["镇", "自然村", "乡镇", "行政村", "村代码"])
    [(('乡镇', '镇'), 'township'), (('行政村', '自然村', '村代码'), 'village')]
    """
    parts = [(headings, level) for (headings, _), level in zip(_PARTS, _LEVELS_OF_PARTS, strict=False)]
    parts.insert(_LEVELS_OF_PARTS.index("township"), (_OF_ANY_LEVEL, "township"))
    groups = [list(found) for found in _every(names, parts)]
    taken = {name for found in groups for name in found}
    coded = {name: _CODE.sub("", normalised_column_name(name)) for name in names if name not in taken}
    coded = {name: plain for name, plain in coded.items() if plain != normalised_column_name(name)}
    for group, found in zip(groups, _every(list(coded.values()), parts), strict=True):
        group += [name for name, plain in coded.items() if plain in found]
    return [(tuple(found), level) for found, (_, level) in zip(groups, parts, strict=True) if found]


def is_elsewhere(heading: str) -> bool:
    """Return whether a heading is of another place than that of a row: of a person, of a firm, of days past.

    Examples
    --------
    >>> [is_elsewhere(heading) for heading in ("户籍地址", "申请人信息/乡镇", "旧地址", "事发地址", "原始地址")]
    [True, True, True, False, False]
    """
    return _ELSEWHERE.search(normalised_column_name(heading)) is not None


def of_the_matter(names: Sequence[str], address: str | None) -> list[str]:
    """Return the columns that may say the place of a row: not those of another one, where the address is none of them.

    Examples
    --------
    >>> of_the_matter(["申请人/乡镇", "乡镇"], "地址"), of_the_matter(["申请人/乡镇"], "申请人/地址")
    (['乡镇'], ['申请人/乡镇'])
    """
    own = [name for name in names if not is_elsewhere(name)]
    if is_elsewhere(address) if address is not None else len(part_columns(own)) < _FEWEST_PARTS:
        return list(names)
    return own


class DivisionOfRow(NamedTuple):
    """A cell that names a division: the heading of its column, the level of that, and its text.

    Examples
    --------
    >>> DivisionOfRow("所属乡镇", "township", "大靖").level
    'township'
    """

    column: str
    level: str
    text: str


def divisions_of_row(columns: Mapping[str, str], texts: Iterable[str | None]) -> tuple[DivisionOfRow, ...]:
    """Return the cells of one row that name divisions, of columns with their levels.

    Examples
    --------
    >>> divisions_of_row({"乡镇": "township", "村": "village"}, ["大靖", None])
    (DivisionOfRow(column='乡镇', level='township', text='大靖'),)
    """
    cells = zip(columns.items(), texts, strict=True)
    return tuple(DivisionOfRow(column, level, text) for (column, level), text in cells if text is not None)


def level_of_cells(heading: str, texts: Sequence[str]) -> str | None:
    """Return the level of the divisions that the cells of a column name by word or code; None where they name none.

    Examples
    --------
    >>> level_of_cells("属地", ["大靖镇", "土门镇"]), level_of_cells("XZQDM", ["620622104", "620622105000"])
    ('township', 'township')
    >>> level_of_cells("片区", ["东片区", "西片区"]), level_of_cells("受理号", ["620622104"])
    (None, None)
    """
    if not texts or _OF_OFFICES.search(heading) is not None:
        return None
    enough = _SHARE * len(texts)
    for level, words in _NAMES:
        if sum(words.fullmatch(text) is not None for text in texts) >= enough:
            return level
    plain = normalised_column_name(heading)
    if _OF_CODES.search(plain) is None or _NO_CODES.search(plain) is not None:
        return None
    levels = [_level_of_code(text) for text in texts]
    known = [level for level in levels if level is not None]
    return max(known, key=known.count) if known and len(known) >= enough else None


def level_of_name(text: str) -> str | None:
    """Return the level of the division that a text is the name of; None where it is none, or of any: 各乡镇.

    Examples
    --------
    >>> [level_of_name(text) for text in ("土门镇", "古浪县土门镇", "各乡镇", "汇总")]
    ['township', 'township', None, None]
    """
    if _OF_ANY_NAME.fullmatch(text) is not None:
        return None
    return next((level for level, words in _NAMES if words.fullmatch(text) is not None), None)


def _level_of_code(text: str) -> str | None:
    code = code_text(text)
    if not code.isdecimal():
        return None
    digits = len(code[:9] if len(code) == DIVISION_LEVELS["village"] and code.endswith("000") else code)
    return next((one for one in ("county", "township", "village") if DIVISION_LEVELS[one] == digits), None)


def _every(names: Sequence[str], parts: Sequence[tuple[str, str]]) -> list[list[str]]:
    """Return the columns of each part: those whose heading is known in full first, in the order of the headings."""
    whole = {name: _plain_heading(name) for name in names}
    # 地址信息/乡镇 of two rows of headings is 乡镇, where no column is called so.
    last = {name: _plain_heading(name.rpartition("/")[2]) for name in names}
    found = []
    for headings, _ in parts:
        order = {heading: place for place, heading in enumerate(headings.split())}
        words = _WORDS_OF_HEADINGS.get(headings)
        ranked = []
        for place, name in enumerate(names):
            for is_last, plain in enumerate((whole[name], last[name])):
                if plain in order:
                    ranked.append((order[plain], is_last, place, name))
                elif words is not None and plain not in _HEADINGS and words.fullmatch(plain):
                    ranked.append((len(order), is_last, place, name))
        found.append(list(dict.fromkeys(name for *_, name in sorted(ranked))))
    return found


def _plain_heading(name: str) -> str:
    plain = re.sub("[、与和及]", "", normalised_column_name(re.sub(r" \(\d+\)$", "", name)))
    if plain in _HEADINGS:
        return plain
    return _BEHIND.sub("", _BEFORE.sub("", plain))
