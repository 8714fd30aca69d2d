"""Map columns of a file to fields by their names, and exclude personal and network data."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from geo.bounds import MAX_NAME
from geo.catalog.fields import POSITION, VALIDITY, Field
from geo.catalog.heading_patterns import field_by_pattern, longitude_and_latitude
from geo.catalog.layers import Layer
from geo.errors import UnknownName
from geo.plain_words import folded_word
from geo.readers.words.camera_words import is_class_heading
from geo.readers.words.units import without_unit

#: Names under which coordinate columns are mapped, like fields.
COORDINATES = (*(one.name for one in POSITION), "lonlat", "latlon")

# Columns with personal or network data are never read (docs/security.md, "places, not people"); case is ignored.
_PERSONAL = re.compile(
    r"(?<![a-z])(?:ip|mac|rtsp|imei|imsi|ssid)(?![a-z])|(?<![a-z])(?:ip|mac)_?(?:v?[46])?_?addr|ipv[46]|ip地址|mac地址|物理地址|网关|端口"
    r"|^port$|rtsp|webcam|(?<![a-z])url(?![a-z])"
    r"|user_?(?:name|id)?$|login|account|passw|^pwd|_pwd$|账号|帐号|账户|用户名|登录名|密码|口令"
    r"|(?<![a-z])(?:tele|mobile_?|cell_?)?phone|(?<![a-z])(?:tel|fax|mobile|e-?mail|wechat|qq)(?![a-z])|电话|手机|传真|邮箱|微信"
    r"|联系(?:人|方式|信息)|负责人|责任人|经办人|管理员|维护人|安装人|填报人|采集人|录入人|创建人|更新人|户主|业主姓名|房主|法人(?!单位)|姓名"
    r"|网格长$|网格员$|网格员(?:姓名|名单|信息)|楼长|村长|书记|主任$|民警|警员|警号"
    r"|(?<![a-z])(?:contact(?:info|name|person|phone|tel)?|person)(?![a-z])|(?:staff|manager|owner|leader|resident)_?name"
    r"|取流|推流|拉流|码流地址|视频流|子网|网段|vlan|(?<![a-z])dns(?![a-z])|(?:公网|内网|外网|服务器|平台|接入|网络|硬件|通讯|通信)地址|蓝牙"
    r"|^用户$|登录|登陆|sim卡|iccid|物联卡|座机|固话|token|secret|(?<![a-z])ssh(?![a-z])|sip认证"
    r"|网格员\d+$|(?:值守|运维|巡查|巡逻|看护|审核|审批|复核|管理)(?:人|人员|员)(?:\d*|姓名)$"
    r"|联络(?:人|员)|填表人|录入员|登记人|测量员|创建者|修改者|更新者"
    r"|片警|支书|房东|租户|驾驶员|法定代表人|楼栋长|单元长|项目经理|车牌(?!识别|抓拍)|年龄|政治面貌"
    r"|(?:staff|manager|owner|leader|resident|landlord|installer)\s+name|in charge$"
    r"|^(?:creator|editor|landlord|guardian|principal|(?:link|contact)_?man)$"
    # Initials of the Chinese words in tables of databases: 联系人, 负责人, 姓名, 户主, 身份证号, 手机号.
    r"|^(?:lxr|fzr|zrr|hz|fr|wgy|wgz)?(?:xm|lxfs|lxdh|dhhm|sjhm?|sfzhm?|zjhm)$|^(?:lxr|fzr|zrr|wgy|wgz)(?:dh)?$"
    r"|身份证|证件号|id_?card|(?<!gr)id_?number|passport|社保|出生|birth|(?<![a-z])(?:gender|sex)(?![a-z])|性别|民族"
)
# A state of the camera itself, and of something else.
_STATE = re.compile(
    r"(?:状态|状况|情况|现状|(?:^|[\s_-])status|(?:^|[\s_-])state)$"
    r"|^(?:设备|摄像机|监控|点位)?(?:在线|正常|完好|启用|可用)(?:与否|否|吗|性)$"
    r"|^是否(?:已|有)?(?:在用|启用|正常|正常运行|完好|可用|运行|使用|工作|离线|掉线|故障|损坏|异常|停用|停机)$"
)
_STATE_OF_WHAT = re.compile(r"设备|摄像|监控|是否|点位|运行|在线|使用|工作|camera|device|operational|online")
_OTHER_STATE = re.compile(
    r"录像|录制|存储|审核|审批|验收|归档|补光|灯|数据|同步|标注|锁|供电|网络|联网|备案|标定|工单|任务|流程|提交|上报|付款|质保|合同|光照"
    r"|天气|校准|核查|整改|巡检|情况$(?<!运行情况)(?<!在线情况)(?<!设备情况)(?<!使用情况)(?<!完好情况)(?<!可用情况)(?<!正常情况)(?<!故障情况)"
    r"|图像|画面|质量|变更|历史|上[月周次季年]|初始|移交|[立灯]杆|电源|[箱柜牌]|交换机|光[缆纤]|服务器|硬盘|删除|隐藏|推送|布防|隐患|证件|人员|用地|土地"
    r"|record|review|approval|storage|sync|data|lock|power|comm|network|task|order|upload|united|(?:^|\s)us[\s_]state"
)
_GRID_CODE = re.compile("(?:所属|所在|上级)?(?:综合|基础|全科)?网格(?:编号|编码|代码)")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@dataclass(frozen=True)
class ColumnMap:
    """Field -> column to read, and the columns that must not be read."""

    fields: Mapping[str, str]
    dropped: Sequence[str]


def normalised_column_name(name: str) -> str:
    """Return a column name without case, spaces, marks, degree signs, a ``tags_`` prefix and a unit in brackets."""
    return _normalised(str(name)[: MAX_NAME + 1])


@functools.lru_cache(maxsize=8192)  # every heading of a wide file is compared with every field
def _normalised(name: str) -> str:
    plain = folded_word(name)
    plain = re.sub(r"[(\[{【〔][^)\]}】〕]*[)\]}】〕][\s*]*$", "", plain)
    return re.sub(r"[\s_\-*°]", "", plain.removeprefix("tags_"))


def unique_names(cells: Sequence[str]) -> list[str]:
    """Return the column names; blank ones are named by their number, and repeated ones get it as a suffix."""
    names: list[str] = []
    taken: set[str] = set()
    for number, cell in enumerate(cells, 1):
        name = cell.strip() or f"column {number}"
        while name in taken:
            name += f" ({number})"
        names.append(name)
        taken.add(name)
    return names


def is_personal(name: str) -> bool:
    """Return whether a column of that name holds personal or network data (IP, account, phone, a person's name)."""
    if len(str(name)) > MAX_NAME:
        return True  # it was not inspected
    plain = unicodedata.normalize("NFKC", str(name)).strip().removeprefix("tags_")
    return any(_PERSONAL.search(way.casefold()) for way in (plain, _CAMEL.sub("_", plain)))


def map_columns(
    columns: Iterable[str],
    layer: Layer,
    explicit: Mapping[str, str] | None = None,
    *,
    extra: Mapping[str, str] | None = None,
    coordinates: bool = False,
    cut: Collection[str] = (),
) -> ColumnMap:
    """Return which column is read for which field.

    Parameters
    ----------
    columns
        The names found in the file.
    explicit
        Field -> column as the user gave them; they win. ``lon, lat, x, y, lonlat, latlon, wkt`` name coordinates,
        ``levels`` storeys.
    extra
        Field -> further column names, tried first: those of a profile.
    coordinates
        Whether coordinates are looked for among the columns too.
    cut
        Names that may be the beginning of a longer heading, as those of a .dbf file are after 10 bytes.

    Raises
    ------
    UnknownName
        Where ``explicit`` names a field or column that does not exist, or a column with personal data.
    """
    names = [str(name) for name in columns]
    dropped = [name for name in names if is_personal(name)]
    fields = dict(_explicit(names, layer, explicit or {}, dropped))
    taken = set(fields.values()) | set(dropped)
    by_normalised_name: dict[str, str] = {}
    for name in names:
        if name not in taken:
            by_normalised_name.setdefault(normalised_column_name(name), name)
    for field, guesses in _names_by_field(layer, extra or {}, coordinates=coordinates):
        if field in fields:
            continue
        found = next((by_normalised_name[guess] for guess in guesses if guess in by_normalised_name), None)
        if found is not None:
            fields[field] = found
            by_normalised_name.pop(normalised_column_name(found))
    left = [name for name in by_normalised_name.values() if name not in fields.values()]
    by_name_without_unit = {normalised_column_name(without_unit(name)): name for name in reversed(left)}
    for field, guesses in _names_by_field(layer, extra or {}, coordinates=coordinates):
        found = next((by_name_without_unit[guess] for guess in guesses if guess in by_name_without_unit), None)
        if field not in fields and found is not None and found not in fields.values():
            fields[field] = found
    for name in [name for name in left if name in cut and name not in fields.values()]:
        beginning = normalised_column_name(name)
        going_on = {
            field
            for field, guesses in _names_by_field(layer, extra or {}, coordinates=coordinates)
            if any(guess.startswith(beginning) for guess in guesses)
        }
        if len(going_on) == 1 and not going_on & fields.keys():  # else the name may be that of several fields
            fields[going_on.pop()] = name
    _add_by_pattern(fields, layer, [name for name in left if name not in fields.values()], coordinates=coordinates)
    return ColumnMap(fields, dropped)


def fields_of_heading(name: str, layer: Layer, extra: Mapping[str, str] | None = None) -> list[str]:
    """Return the fields that a heading may be read for, whether or not another column is read for them.

    Examples
    --------
    >>> from geo.catalog.layers import layer
    >>> fields_of_heading("安装方位", layer("cameras")), fields_of_heading("备注", layer("cameras"))
    (['azimuth'], [])
    """
    plain = {normalised_column_name(name), normalised_column_name(without_unit(name))}
    found = [one for one, guesses in _names_by_field(layer, extra or {}, coordinates=False) if plain & set(guesses)]
    return list(dict.fromkeys(found))


def heading_words(layer: Layer) -> frozenset[str]:
    """Return the headings that the fields of a layer and coordinates are known by, as `normalised_column_name` does.

    Examples
    --------
    >>> from geo.catalog.layers import layer
    >>> {"地址", "经度"} <= heading_words(layer("addresses"))
    True
    """
    return frozenset(word for _, words in _names_by_field(layer, {}, coordinates=True) for word in words)


def _add_by_pattern(fields: dict[str, str], layer: Layer, names: Sequence[str], *, coordinates: bool) -> None:
    """Add the fields that no heading names in full, by how headings are put together."""
    plain = {normalised_column_name(without_unit(name)): name for name in reversed(names)}
    if coordinates and "lon" not in fields and "lat" not in fields:
        pair = longitude_and_latitude(plain)
        fields |= {} if pair is None else {"lon": plain[pair[0]], "lat": plain[pair[1]]}
    # What a bracket says is not the unit alone: 安装位置（室内/室外）.
    plain = {**{_with_brackets(name): name for name in reversed(names)}, **plain}
    for field, name in field_by_pattern(layer.name, reversed(plain)):
        if field not in fields and plain[name] not in fields.values():
            fields[field] = plain[name]
    if layer.name == "grids" and "parent" not in fields and "微网格" in normalised_column_name(fields.get("code", "")):
        above = [name for name in names if name not in fields.values() and _GRID_CODE.fullmatch(_normalised(name))]
        fields |= {"parent": above[0]} if len(above) == 1 else {}
    if layer.name == "cameras":
        _add_states_and_classes(fields, [name for name in names if name not in fields.values()])


def _with_brackets(name: str) -> str:
    return re.sub(r"[\s()]", "", unicodedata.normalize("NFKC", name[:MAX_NAME])).casefold()


def _add_states_and_classes(fields: dict[str, str], names: Sequence[str]) -> None:
    """Add the state of cameras as …状态, and their class as 一类/二类/三类."""
    states = [name for name in names if _is_state(name)]
    states.sort(key=lambda name: _STATE_OF_WHAT.search(name.casefold()) is None)
    if "status" not in fields and states:
        fields["status"] = states[0]
    classes = [name for name in names if is_class_heading(name)]
    if "class" not in fields and classes:
        fields["class"] = classes[0]


def _is_state(name: str) -> bool:
    return _STATE.search(_spaced(name)) is not None and not is_other_state(name)


def is_other_state(name: str) -> bool:
    """Return whether a heading asks for the state of something else than the camera: its lamp, its records.

    Examples
    --------
    >>> is_other_state("录像状态"), is_other_state("设备状态")
    (True, False)
    """
    return _OTHER_STATE.search(_spaced(name)) is not None


def _spaced(name: str) -> str:
    plain = unicodedata.normalize("NFKC", _CAMEL.sub(" ", name))
    return re.sub(r"[(\[{【〔].*", "", plain).strip().casefold()


def _explicit(
    names: Sequence[str], layer: Layer, explicit: Mapping[str, str], dropped: Sequence[str]
) -> Mapping[str, str]:
    known = list(dict.fromkeys([*layer.names, *(one.name for one in layer.also_read), *COORDINATES]))
    for field, column in explicit.items():
        if field not in known:
            raise UnknownName(
                f"图层 {layer.name} 没有字段 {field}；可用：{', '.join(known)}",
                f"layer {layer.name} has no field {field}; there are: {', '.join(known)}",
            )
        if column not in names:
            listed = ", ".join(names[:40])
            raise UnknownName(
                f"文件没有列 {column}；有：{listed}", f"the file has no column {column}; it has: {listed}"
            )
        if column in dropped:
            raise UnknownName(
                f"列 {column} 含个人或网络信息，不予导入",
                f"column {column} holds personal or network data and is not imported",
            )
    return explicit


def _names_by_field(layer: Layer, extra: Mapping[str, str], *, coordinates: bool) -> Iterable[tuple[str, list[str]]]:
    # Names of the layer itself come before any guess, so that a frame written by this project maps onto itself.
    for name in layer.names:
        yield name, [normalised_column_name(name)]
    if coordinates:
        for one in POSITION:
            yield one.name, _headings(one)
    for field, line in extra.items():
        yield field, [normalised_column_name(word) for word in line.split()]
    # So do its headings: a download or a template in either language comes back.
    for one in layer.all_fields:
        yield one.name, [normalised_column_name(one.zh), normalised_column_name(one.en)]
    for one in (*layer.fields, *layer.also_read, *VALIDITY):
        yield one.name, _headings(one)


def _headings(field: Field) -> list[str]:
    return [normalised_column_name(word) for word in (field.name, *field.columns.split())]
