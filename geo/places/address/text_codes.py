"""Find codes of grids in a text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from geo.catalog.division_codes import code_text
from geo.places.address.folded_text import MAX_FOUND, MAX_READ, WIDE, folded


@dataclass(frozen=True, slots=True)
class TextCode:
    """A code of a grid in a text, and whether it is a stored one.

    Examples
    --------
    >>> codes_in_text("网格编号：GL-012", {"GL-012"}.__contains__)
    (TextCode(start=5, end=11, code='GL-012', is_stored=True),)
    """

    start: int
    end: int
    code: str
    is_stored: bool


_CODE_WORD = r"(?:微?网格(?:编号|编码|代码|号码|号|码|id)|grid\s?(?:code|number|no\.?|id))\s?(?:为|是)?\s?[:=#]?\s?"
_TOKEN = re.compile(
    rf"(?P<word>{_CODE_WORD})?(?<![0-9a-z])(?P<code>[0-9a-z](?:[0-9a-z]|[-_./](?=[0-9a-z])){{1,39}})(?![0-9a-z])"
)
_GROUPS = re.compile(r"(?<![0-9a-z])[0-9]{2,12}(?: {1,2}[0-9]{2,12}){1,6}(?![0-9a-z])")
_COUNTED = re.compile(r"[号栋幢座室楼层组社队弄巷米单元路度°年月日]|公里")
# A shorter code in a text is a house or a road as well, unless a word says that it is one.
_SHORT_CODE = 4
_WORD_BEFORE = re.compile(
    r"(?:所[属在])?微?网格(?:编号|编码|代码|号码|号|码|id)?\s?(?:为|是)?\s?[:：=#]?\s?$|grid[a-z. ]{0,9}[:：=#]?\s?$",
    re.I,
)
_LONGEST_WORD = 16
# A shorter number in a text is that of a house, unless a word says otherwise.
_BARE_NUMBER = 6


def codes_in_text(text: str, is_code: Callable[[str], bool]) -> tuple[TextCode, ...]:
    """Return the codes of grids in a text: words that are stored codes, and whatever follows 网格编号 and its like.

    Parameters
    ----------
    text
        Any text; the first 2,000 characters are read.
    is_code
        Whether a word is a stored code, letters in the case of the text.

    Examples
    --------
    >>> codes_in_text("新胜村 620622102207G01 附近", lambda code: code == "620622102207G01")[0].code
    '620622102207G01'
    >>> codes_in_text("解放路12号", lambda code: True), codes_in_text("网格编号 A-7", lambda code: False)[0].is_stored
    ((), False)
    """
    wide = text[:MAX_READ].translate(WIDE)
    out = list(spaced_codes(text, is_code))
    if out:
        return tuple(out)
    for found in _TOKEN.finditer(folded(text)):
        start, end = found.span("code")
        code = wide[start:end]
        code = code if is_code(code) else code_text(code)  # 620622102207.0
        has_word = found["word"] is not None
        if not has_word and (_COUNTED.match(wide, end) or (code.isdigit() and len(code) < _BARE_NUMBER)):
            continue
        is_stored = is_code(code)
        if is_stored or has_word:
            out.append(TextCode(start, end, code, is_stored))
            if len(out) == MAX_FOUND:
                break
    return tuple(out)


def spaced_codes(text: str, is_code: Callable[[str], bool]) -> tuple[TextCode, ...]:
    """Return the stored codes in a text whose digits are written in groups.

    Examples
    --------
    >>> spaced_codes("新胜村 620622 102 207001", {"620622102207001"}.__contains__)[0].code
    '620622102207001'
    """
    plain = folded(text)
    out = []
    for found in islice(_GROUPS.finditer(plain), MAX_FOUND):
        code = found[0].replace(" ", "")
        if is_code(code):
            out.append(TextCode(found.start(), found.end(), code, is_stored=True))
    return tuple(out)


def start_of_word(text: str, start: int) -> int:
    """Return where the word for a code before a code begins, 网格编号：; where the code begins without one.

    Examples
    --------
    >>> start_of_word("东街网格编号：GL-1", 7)
    2
    """
    low = max(0, start - _LONGEST_WORD)
    word = _WORD_BEFORE.search(text[low:start])
    return start if word is None else low + word.start()


def is_meant(text: str, one: TextCode) -> bool:
    """Return whether a code is meant as one: a long one, one with a word before it, or one that is the whole text.

    Examples
    --------
    >>> [is_meant(text, TextCode(2, 4, "12", is_stored=True)) for text in ("网格12", "东街12")]
    [True, False]
    """
    return len(one.code) >= _SHORT_CODE or text.strip() == one.code or start_of_word(text, one.start) < one.start
