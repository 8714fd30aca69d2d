"""Join and part sentences in two languages, written as `中文 / English`."""

from __future__ import annotations

import re

_MARK = " / "
_LIKE_THE_MARK = re.compile(r"(?:^| +)/(?: +|$)")


def sentence(zh: str, en: str) -> str:
    """Return one text of two languages; a name in it that holds the mark between them is written without blanks.

    Examples
    --------
    >>> sentence("按 zone 34 / CM 102E 读", "read as zone 34 / CM 102E")
    '按 zone 34/CM 102E 读 / read as zone 34/CM 102E'
    """
    return f"{within(zh)}{_MARK}{within(en)}"


def within(name: str) -> str:
    """Return a name as it may stand within a text of two languages.

    Examples
    --------
    >>> within("安装方位（Azimuth / deg）")
    '安装方位（Azimuth/deg）'
    """
    return _LIKE_THE_MARK.sub("/", name) if "/" in name else name


def both(text: str) -> tuple[str, str]:
    """Return the Chinese and the English of a text; of a text in one language that text twice.

    Examples
    --------
    >>> both("没有行 / no rows"), both("no rows")
    (('没有行', 'no rows'), ('no rows', 'no rows'))
    """
    zh, mark, en = text.partition(_MARK)
    return zh, en if mark else zh


def in_language(text: str, lang: str) -> str:
    """Return the English of a text for ``en``, its Chinese for any other language."""
    return both(text)[lang == "en"]
