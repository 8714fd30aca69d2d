"""Write the tables of characters of one shape and of one sound that names of places are repaired by.

Shapes are compared in Noto Sans SC Regular (OFL-1.1), which the maps are printed with: each character is drawn, blurred
by a twentieth of its height, and compared with all others by correlation, whole, and by its right and its lower part,
which in most characters stay where the left or the upper part changes. The tables hold facts measured from the font,
none of its outlines. Sounds are the readings of pypinyin (MIT), with those that names of places have besides.

    python scripts/similar_characters.py ../shared/data/divisions
"""

from __future__ import annotations

import csv
import gzip
import re
import sys
import unicodedata
from collections import Counter
from pathlib import Path

import numpy as np
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFilter, ImageFont

ROOT = Path(__file__).resolve().parent.parent
FONT = ROOT / "maps" / "static" / "vendor" / "noto-sans-sc" / "NotoSansSC_400Regular.ttf"
SHAPES = ROOT / "geo" / "places" / "address" / "similar_shapes.txt"
SOUNDS = ROOT / "geo" / "places" / "address" / "sounds.txt"
_SIZE = 32
#: Correlations at which two characters are taken to look alike, chosen by reading what they let in.
WHOLE, MUTUAL, PART, WHOLE_OF_PART = 0.79, 0.66, 0.94, 0.5
_MUTUAL_RANK = 4
_MOST = 14
#: Pairs that people and programs mistake whose pictures differ more than their strokes do.
BY_HAND = (
    "田由 由甲 甲申 田甲 田申 由申 刀力 刀刁 厂广 日曰 八入 人八 几九 今令 兀元 儿几 仓仑 龙尤 万方 北比 "
    "母毋 户尸 栗粟 爪瓜 玫玖 盲肓 遣遗 券卷 梁粱 拨拔 洒酒 斤斥 浪狼 沟构 沟钩 渠梁 坡坟 堡垒 卜下 上土 "
    "古吉 午牛 干于 弋戈 代伐 氏氐 阜埠 莱菜 茉茱 塞寨 赛塞 柏拍 杨场 扬场 场汤 白自"
)
#: Readings in names of places, beside the first of a character and those that it has in words.
IN_NAMES = {
    "乐": "lao", "铅": "yan", "涡": "guo", "泌": "bi", "荥": "ying", "阿": "e", "解": "hai", "蔚": "yu", "峙": "shi",
    "陉": "jing", "牟": "mu", "费": "bi", "栖": "xi", "陂": "pi po", "筠": "jun", "谷": "yu", "宕": "tan", "会": "kuai",
    "埔": "bu", "侗": "tong", "峒": "tong", "洞": "tong", "泷": "shuang", "漯": "ta", "渑": "sheng", "剡": "shan",
    "涌": "chong", "尾": "yi", "拓": "ta", "模": "mu", "绿": "lu", "六": "lu", "尉": "yu", "枞": "zong", "歙": "xi",
    "莘": "xin", "柞": "zuo", "单": "shan chan", "番": "pan", "厦": "sha", "蚌": "beng", "犍": "qian", "堡": "bu pu",
    "浚": "xun", "大": "dai", "台": "tai", "查": "zha", "盖": "ge", "覃": "qin", "翟": "di", "员": "yun", "召": "shao",
    "仇": "qiu", "区": "ou", "朝": "zhao", "车": "ju", "澄": "deng", "什": "shen", "百": "bo", "伯": "bai", "黑": "he",
    "角": "jue", "珲": "hui", "洗": "xian", "圩": "xu", "尺": "che", "勒": "lei", "卜": "bo", "咀": "zui", "坊": "fang",
    "郇": "huan", "缪": "miao", "璞": "pu", "鄚": "mao", "丽": "li", "芝": "zhi", "砀": "dang", "祭": "zhai",
    "盛": "cheng", "重": "chong", "行": "hang", "长": "zhang", "曾": "zeng", "燕": "yan", "洮": "tao", "亳": "bo",
}  # fmt: skip


def characters(divisions: Path) -> str:
    """Return the characters of GB 2312 and of the names of divisions that the font has."""
    found = {chr(code) for code in range(0x4E00, 0xA000) if _is_in_gb2312(chr(code))}
    with gzip.open(divisions / "divisions_nation_2021.csv.gz", "rt", encoding="utf-8") as file:
        for _, name, *_ in csv.reader(file):
            found.update(char for char in name if "㐀" <= char <= "鿿")
    drawn = TTFont(FONT).getBestCmap()
    return "".join(sorted(char for char in found if ord(char) in drawn))


def shapes(chars: str) -> list[str]:
    """Return lines of a character and those after it in the order of Unicode that look like it."""
    pictures = _pictures(chars)
    whole = _correlations(pictures)
    part = np.maximum(_correlations(pictures[:, :, 14:]), _correlations(pictures[:, 11:, :]))
    np.fill_diagonal(whole, -1)
    rank = np.argsort(np.argsort(-whole, axis=1), axis=1)
    mutual = (np.maximum(rank, rank.T) < _MUTUAL_RANK) & (whole >= MUTUAL)
    alike = (whole >= WHOLE) | mutual | ((part >= PART) & (whole >= WHOLE_OF_PART))
    score = np.where(alike, np.maximum(whole, part - 0.1), -1)
    at = {char: k for k, char in enumerate(chars)}
    pairs = {(at[a], at[b]) for a, b in BY_HAND.split() if a in at and b in at}
    for k in range(len(chars)):
        pairs.update((k, int(other)) for other in np.argsort(-score[k])[:_MOST] if score[k, other] > 0)
    lines: dict[int, set[int]] = {}
    for one, other in pairs:
        lines.setdefault(min(one, other), set()).add(max(one, other))
    return [chars[k] + "".join(chars[other] for other in sorted(lines[k])) for k in sorted(lines)]


def sounds(chars: str) -> list[str]:
    """Return lines of a syllable and the characters that are read so, first readings before others.

    A reading beside the first counts where at least two words of pypinyin have it: its list of readings goes back to
    the rime books, and most of them are heard nowhere.
    """
    from pypinyin.constants import PHRASES_DICT, PINYIN_DICT  # noqa: PLC0415

    heard: Counter[tuple[str, str]] = Counter()
    for word, word_readings in PHRASES_DICT.items():
        heard.update((char, _without_tone(one[0])) for char, one in zip(word, word_readings, strict=False))
    lines: dict[tuple[int, str], str] = {}
    for char in chars:
        readings: list[str] = []
        in_names = IN_NAMES.get(char, "").split()
        for reading in [*PINYIN_DICT.get(ord(char), "").split(","), *in_names]:
            syllable = _without_tone(reading)
            usual = not readings or syllable in in_names or heard[char, syllable] > 1
            if syllable and syllable not in readings and usual:
                readings.append(syllable)
        for order, syllable in enumerate(readings):
            key = (min(order, 1), syllable)
            lines[key] = lines.get(key, "") + char
    return [f"{syllable}{'+' * order} {found}" for (order, syllable), found in sorted(lines.items())]


def _is_in_gb2312(char: str) -> bool:
    try:
        return bool(char.encode("gb2312"))
    except UnicodeEncodeError:
        return False


def _without_tone(reading: str) -> str:
    plain = unicodedata.normalize("NFD", reading.replace("ü", "v"))
    plain = re.sub("u\u0308[\u0300-\u036f]?|u[\u0300-\u036f]\u0308", "v", plain)
    return re.sub("[^a-z]", "", plain)


def _pictures(chars: str) -> np.ndarray:
    font = ImageFont.truetype(str(FONT), 2 * _SIZE)
    out = np.zeros((len(chars), _SIZE, _SIZE), np.float32)
    for k, char in enumerate(chars):
        picture = Image.new("L", (2 * _SIZE, 2 * _SIZE), 0)
        ImageDraw.Draw(picture).text((0, 0.88 * _SIZE), char, font=font, fill=255, anchor="lm")
        picture = picture.filter(ImageFilter.GaussianBlur(_SIZE / 20))
        out[k] = np.asarray(picture.resize((_SIZE, _SIZE), Image.Resampling.BOX), np.float32)
    return out


def _correlations(pictures: np.ndarray) -> np.ndarray:
    flat = pictures.reshape(len(pictures), -1)
    flat = flat - flat.mean(axis=1, keepdims=True)
    flat /= np.linalg.norm(flat, axis=1, keepdims=True) + 1e-6
    return flat @ flat.T


def main() -> int:
    """Write both tables."""
    chars = characters(Path(sys.argv[1]))
    head = "# Made by scripts/similar_characters.py; do not edit. "
    shape_lines = [head + "Look alike in Noto Sans SC Regular (OFL-1.1): each with those after it in Unicode."]
    sound_lines = [head + "Readings of pypinyin (MIT) and of names of places; + marks further readings."]
    SHAPES.write_text("\n".join([*shape_lines, *shapes(chars), ""]), encoding="utf-8")
    SOUNDS.write_text("\n".join([*sound_lines, *sounds(chars), ""]), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
