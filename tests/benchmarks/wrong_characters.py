"""Write characters wrong as people and readers of scans do; lists of its own, not those of the program it measures."""

from __future__ import annotations

import random
from collections import defaultdict
from functools import cache

from tests.benchmarks.named_divisions import reading

#: Characters that look alike, in groups.
_SHAPES = (
    "土士王玉主 未末朱木 千干于 大太天犬夫 日曰目白 古右石 田由甲申电 人入八 己已巳 刀力刃 午牛 "
    "贝见 今令 治冶 沟构购 则坝 淌消 洋详祥羊 沙纱抄 桥侨骄轿 湾弯 清请晴情睛青 河何柯 坡披玻 "
    "堡保 营菅 寨赛塞 赵越 扬杨汤场 柳柏 庄压 崖涯 岭岑 胜性姓 靖静 坪评萍平 塘糖 莲连 "
    "峰锋蜂 岗岩 鹿麂 龙尤 凤风 街衔 官宫 岔忿 陈阵 孙孔 徐涂 候侯 泉皇 裴斐 泗洒酒 占吉 "
    "浪狼 直真 滩难 梁粱 圈圆园 围困 问间闻 阳阴 湖糊 宝室空 辛幸 林村 壕豪 窑窖 池地他 "
    "渠果 草早 章童 义叉 丰半 万方 光先 元无 中巾 卫工 红江 兰三 坚竖 汶坟 原厚 铺辅铜洞 "
    "店居 屯电 磨摩 槐愧 桃挑 梅海 杏否 枣刺 栗粟 麻床 麦表 茶荼 盐监 铁秩 银很 钢纲 关美 "
    "西酉 东车 南甫 北比 "
)
#: What a reader of scans makes of the words that end names.
_SCANS = {
    "镇": "填慎", "村": "材衬林", "县": "具旦", "乡": "多", "区": "凶", "市": "币", "号": "另兮", "组": "且祖",
    "社": "杜", "街": "衔", "委": "季", "会": "合", "胡": "古月", "明": "日月", "林": "木木", "0": "O", "1": "l",
}  # fmt: skip


@cache
def _shapes() -> dict[str, str]:
    found: dict[str, str] = defaultdict(str)
    for group in _SHAPES.split():
        for one in group:
            found[one] += group.replace(one, "")
    return dict(found)


@cache
def common_characters() -> str:
    """Return the 3,755 characters in common use: level 1 of GB/T 2312-1980.

    Examples
    --------
    >>> len(common_characters()), common_characters()[0]
    (3755, '啊')
    """
    cells = ((row, cell) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF))
    return "".join(bytes(pair).decode("gb2312", "ignore") for pair in cells)


@cache
def _by_reading() -> dict[str, str]:
    found: dict[str, str] = defaultdict(str)
    for one in common_characters():
        found[reading(one)[0]] += one
    return dict(found)


def homophone(rng: random.Random, word: str) -> str | None:
    """Return the word with one character of the same toneless reading, None where there is none.

    Examples
    --------
    >>> written = homophone(random.Random(1), "新胜")
    >>> reading(written) == reading("新胜"), written == "新胜"
    (True, False)
    """
    return _with_one(rng, word, {n: _by_reading().get(sound, "") for n, sound in enumerate(reading(word))})


def look_alike(rng: random.Random, word: str) -> str | None:
    """Return the word with one character that looks like another, None where none is known.

    Examples
    --------
    >>> look_alike(random.Random(1), "土门")
    '士门'
    """
    return _with_one(rng, word, {n: _shapes().get(one, "") for n, one in enumerate(word)})


def any_character(rng: random.Random, word: str) -> str | None:
    """Return the word with one character replaced by any in common use that sounds otherwise.

    Examples
    --------
    >>> len(any_character(random.Random(1), "新胜"))
    2
    """
    at = rng.randrange(len(word))
    written = rng.choice(common_characters())
    return None if reading(written) == reading(word[at]) else word[:at] + written + word[at + 1 :]


def doubled(rng: random.Random, word: str) -> str | None:
    """Return the word with one character typed twice.

    Examples
    --------
    >>> doubled(random.Random(1), "新胜")
    '新新胜'
    """
    at = rng.randrange(len(word))
    return word[: at + 1] + word[at:]


def dropped(rng: random.Random, word: str) -> str | None:
    """Return the word without one character, None for one of two characters: too little is left.

    Examples
    --------
    >>> len(dropped(random.Random(1), "程家崖")), dropped(random.Random(1), "新胜")
    (2, None)
    """
    at = rng.randrange(len(word))
    return word[:at] + word[at + 1 :] if len(word) > 2 else None


def transposed(rng: random.Random, word: str) -> str | None:
    """Return the word with two neighbouring characters in the other order, None where that changes nothing.

    Examples
    --------
    >>> transposed(random.Random(1), "新胜")
    '胜新'
    """
    at = rng.randrange(len(word) - 1)
    written = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return written if written != word else None


def scanned(rng: random.Random, text: str) -> str | None:
    """Return the text with one word of a kind or a number misread, None where it has none.

    Examples
    --------
    >>> scanned(random.Random(1), "镇") in ("填", "慎")
    True
    """
    places = [at for at, one in enumerate(text) if one in _SCANS]
    if not places:
        return None
    at = rng.choice(places)
    read = _SCANS[text[at]]
    # One of several characters, or one torn into two.
    return text[:at] + (read if text[at] in "胡明林" else rng.choice(read)) + text[at + 1 :]


def _with_one(rng: random.Random, word: str, choices: dict[int, str]) -> str | None:
    others = {at: found.replace(word[at], "") for at, found in choices.items()}
    places = [at for at, found in others.items() if found]
    if not places:
        return None
    at = rng.choice(places)
    return word[:at] + rng.choice(others[at]) + word[at + 1 :]
