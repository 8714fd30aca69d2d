"""Name why a place or an address is suggested for what somebody types (docs/contract.md section 8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: Why -> (Chinese, English), the closest likeness first.
WHYS: Final[Mapping[str, tuple[str, str]]] = {
    "prefix": ("名称以此开头", "its name begins so"),
    "alias": ("别名以此开头", "another name of it begins so"),
    "pinyin": ("拼音", "by pinyin"),
    "initials": ("拼音首字母", "by initials of its pinyin"),
}
