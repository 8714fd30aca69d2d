"""Read the kind, the class and the state of a camera out of the phrases that registers write."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from geo.bounds import MAX_WORD
from geo.plain_words import bare_word

#: Reasons for findings on kinds and classes that are read, and should be looked at.
TWO_DEVICES = "写了两种机型，按球机（云台）读，请核对 / names two kinds of camera, read as ptz: please check"
TWO_CLASSES = "写了几类，取第一个，请核对 / names several classes, the first is taken: please check"

# --- kinds -----------------------------------------------------------------------------------------------------------

# What the words of a device mean for its optics (rule U4). A half dome behind its cover does not turn; a dome in
# OpenStreetMap and in English registers does. The last device word of a phrase is its head: 全景球机 is a turning one.
_DEVICES: Mapping[str, str] = {
    "fixed": (
        "半球 半球机 海螺 枪机 枪型 枪式 枪 筒机 筒型 筒 方块机 卡口 电警 电子警察 抓拍机 抓拍 双目 固定 定焦 针孔 "
        "bullet box turret halfdome minidome fixeddome fixed alpr anpr lpr static"
    ),
    "ptz": (
        "球机 球型 球形 球 云台 快球 高速球 瞭望 高点监控 制高点 可控 遥控 转动 旋转 "
        "ptz dome speeddome pantiltzoom panning"
    ),
    "panoramic": "全景 鱼眼 环视 拼接 fisheye panoramic panorama 360度 360°",
}
_KIND_OF_DEVICE = {word: kind for kind, words in _DEVICES.items() for word in words.split()}
# Balls that are no cameras, and what says that nothing turns.
_NO_DEVICE = re.compile(
    r"[篮足台排羽毛乒乓气地]+球|(?:无|不带|没有|非|不含|不可|不是|不能)(?:云台|旋转|转动|遥控|球机|枪机|半球|球|枪|ptz)"
    r"|(?<![a-z])(?:non|not|no|without)a?(?:ptz|speeddome|dome|panning|bullet)"
)
_DEVICE = re.compile("|".join(sorted(map(re.escape, _KIND_OF_DEVICE), key=len, reverse=True)))
_REMOTE = ("云台", "可控", "遥控", "转动", "旋转")

#: Why a row that is no camera is rejected.
NO_CAMERA = "不是摄像机（人或假的） / no camera: a guard or a fake"
# An analog camera (模拟) is one.
_GUARD_OR_FAKE = re.compile(
    r"(?:保安|警卫|门卫|岗哨)(?:员|人员|值守)?|人工值守|哑机|仿真|假的?"
    r"|(?:假|仿真|仿制|模型)(?:的|型)?(?:摄像|监控|探头|相机|半球|球|枪)(?:机|头|设备|摄像机)?"
    r"|(?:securityguard|guard|fake|dummy|decoy)s?(?:camera|cam|cctv)?s?"
)


def is_no_camera(text: str) -> bool:
    """Return whether a word for a kind names a guard or a fake, which no row of a camera is (rule U5).

    Examples
    --------
    >>> [is_no_camera(text) for text in ("保安", "仿真摄像机", "Dummy camera", "模拟枪机", "假日广场球机")]
    [True, True, True, False, False]
    """
    return _GUARD_OR_FAKE.fullmatch(bare_word(text[:MAX_WORD])) is not None


@lru_cache(maxsize=4096)
def camera_kind(text: str) -> tuple[str | None, str]:
    """Return the kind of a camera by its head word, and why it should be looked at, if so.

    Where a phrase names a turning device, it is none that stands still: a ptz never becomes fixed in silence.

    Examples
    --------
    >>> camera_kind("网络球机"), camera_kind("四目全景"), camera_kind("红外枪机"), camera_kind("摄像机")
    (('ptz', ''), ('panoramic', ''), ('fixed', ''), (None, ''))
    """
    plain = _NO_DEVICE.sub("", bare_word(text[:MAX_WORD]))
    words = _DEVICE.findall(plain)
    if not words:
        return None, ""
    head = _KIND_OF_DEVICE[words[-1]]
    if head == "ptz" or "ptz" not in map(_KIND_OF_DEVICE.get, words):
        stands = any(word in ("枪", "枪机", "枪型", "枪式", "固定", "fixed", "bullet") for word in words)
        return head, TWO_DEVICES if head == "ptz" and stands and words[-1] not in _REMOTE else ""
    is_remote = any(word in _REMOTE for word in words)
    return "ptz", "" if is_remote else TWO_DEVICES


# --- classes ---------------------------------------------------------------------------------------------------------

_DIGIT = {"一": 1, "二": 2, "三": 3, "1": 1, "2": 2, "3": 3, "i": 1, "ii": 2, "iii": 3}
_BEFORE = r"(?<![\d一二三四五六七八九十百i.])"
_MORE = r"(?:[、,/和及与至到](?:[123]|i{1,3})|[、,/和及与至到]?[一二三])*"
_CLASS = re.compile(rf"{_BEFORE}(一|二|三|[123]|i{{1,3}})(?={_MORE}[类级])")
_CLASS_AFTER = re.compile(r"(?:类别?|类型|级别?|class|grade|level|category|type)[:：]?(一|二|三|[123]|i{1,3})$")
_CLASS_ALONE = re.compile(r"(一|二|三|[123]|i{1,3})")
_NO_CLASS = re.compile(r"[非不未无][一二三123i]")
_HEADING = re.compile(r"(?:[一二三123]|i{1,3}){1,3}(?:[类级]?[、,/|和及与或](?:[一二三123]|i{1,3}))*[类级](?:点位?)?")


@lru_cache(maxsize=4096)
def camera_class(text: str) -> tuple[int | None, str]:
    """Return the class of a camera, the first of 一二三, 123, ⅠⅡⅢ before 类, and why it should be looked at, if so.

    Examples
    --------
    >>> camera_class("一类前端视频监控"), camera_class("Ⅱ类点"), camera_class("公安一类点"), camera_class("甲类")
    ((1, ''), (2, ''), (1, ''), (None, ''))
    """
    plain = bare_word(text[:MAX_WORD]).removeprefix("第")
    alone = _CLASS_ALONE.fullmatch(plain) or _CLASS_AFTER.search(plain)
    if alone is not None:
        return _DIGIT[alone[1]], ""
    if _NO_CLASS.search(plain):
        return None, ""
    named = [_DIGIT[word] for word in _CLASS.findall(plain)]
    if not named:
        return None, ""
    several = len(set(_all_classes(plain))) > 1
    return named[0], TWO_CLASSES if several else ""


def _all_classes(plain: str) -> list[int]:
    found = re.findall(r"([一二三123i](?:[类级]?[、,/和及与至到]?[一二三123i])*)[类级]", plain)
    return [_DIGIT[word] for group in found for word in re.findall("i{1,3}|[一二三123]", group)]


def is_class_heading(name: str) -> bool:
    """Return whether a heading is made of the classes themselves, two of them at least.

    Examples
    --------
    >>> [is_class_heading(name) for name in ("一类/二类/三类", "一/二/三类", "一二三类", "Ⅰ、Ⅱ、Ⅲ类点", "一类", "分类")]
    [True, True, True, True, False, False]
    """
    plain = bare_word(name)
    return _HEADING.fullmatch(plain) is not None and len(set(re.findall("i{1,3}|[一二三123]", plain))) > 1


# --- states ----------------------------------------------------------------------------------------------------------

# Whole words are in the catalogue; these are what is looked for inside a phrase, and what each says of a camera here.
_STATE_STEMS: Mapping[str, str] = {
    "online": (
        "在线 正常 运行 在用 启用 使用中 完好 良好 可用 已修复 已恢复 恢复 已联网 工作中 "
        "已维修 维修完成 维修好 已修好 故障已修复 故障已排除 故障已恢复 停机已恢复"
    ),
    "offline": (
        "离线 掉线 断线 断网 断电 停电 停机 停用 停运 欠费 故障 待修 报修 维修 检修 返修 送修 抢修 损坏 毁坏 破坏 "
        "坏 异常 黑屏 花屏 无信号 无图像 无视频 下线 关机 关闭 失联 失效 中断 脱网 丢失 被盗 遮挡 "
        "待拆 待拆除 拟拆 拟拆除 迁改 待迁 待迁移 迁移 "
        "停止 停止运行 停止使用 恢复中 正在恢复 断流 不通 脱机 未联机 禁用 闲置 无效 失灵 待维修 需维修 维修后待恢复 "
        "不在线 未在线 不正常 未联网 未运行 未启用 未接入 待恢复 非正常 暂停 不可用"
    ),
    "planned": (
        "待接入 待建 待安装 待装 待上线 待开通 待启用 拟建 规划 在建 新建 未建 未安装 筹建 "
        "建设中 施工 安装中 待验收 计划"
    ),
    "removed": "拆除 已拆 拆走 撤除 撤销 报废 注销 废弃 销户 作废 已迁移 已迁走 迁走 已迁出",
}
# What is only meant to be taken down still stands; what was built again stands as well.
_MEANT = ("拟", "将", "准备", "申请", "建议", "需", "要", "应", "部分", "同意", "批准")
_AGAIN = re.compile("重建|重装|复建|重新")
_STATE_OF_STEM = {word: state for state, words in _STATE_STEMS.items() for word in words.split()}
_STEM = re.compile("|".join(sorted(map(re.escape, _STATE_OF_STEM), key=len, reverse=True)))
_NEGATED = ("不", "未", "非", "无", "没", "待", "是否", "曾", "原")
_DATE = re.compile(r"[\d年月日号起至到]+")
_SHARE = re.compile(r"率|\d+%")
_BRACKETS = re.compile(r"[()\[\]{}<>（）【】《》,，;；、/|+:：。.!！]+")


def state_of_phrase(text: str, words: Mapping[str, str]) -> str | None:
    """Return the state of a camera that a phrase names, None where it names none, or two that differ.

    Parameters
    ----------
    words
        Whole word -> state, as the catalogue has them.

    Examples
    --------
    >>> words = {"正常": "online", "on": "online"}
    >>> [state_of_phrase(text, words) for text in ("正常（在线）", "欠费停机", "正常/离线", "On.", "很好看")]
    ['online', 'offline', None, 'online', None]
    """
    plain = unicodedata.normalize("NFKC", text[:MAX_WORD]).casefold()
    if bare_word(plain) in words:
        return words[bare_word(plain)]
    if _SHARE.search(plain):
        return None
    parts = [bare_word(part) for part in _BRACKETS.split(plain)]
    found = {_state_of_word(part, words) for part in parts if part and not _DATE.fullmatch(part)}
    if None in found and "online" not in found:
        found.discard(None)  # a reason beside it does not put it back into service
    return found.pop() if len(found) == 1 else None


def _state_of_word(word: str, words: Mapping[str, str]) -> str | None:
    if word in words:
        return words[word]
    states = set()
    for stem in _STEM.finditer(word):
        if word[: stem.start()].endswith(_NEGATED):
            return None
        state = _STATE_OF_STEM[stem[0]]
        if state == "removed" and (word[: stem.start()].endswith(_MEANT) or _AGAIN.search(word)):
            return None
        states.add(state)
    return states.pop() if len(states) == 1 else None
