"""Put a line with Arabic letters in the order it is drawn in, each letter in its joined form.

The line as a whole runs from left to right, as sheets do; runs of Arabic script in it run from right to left, numbers
in them from left to right (a part of the Unicode Bidirectional Algorithm, UAX 9). The joined forms are Unicode's own
presentation forms, which the font has; their table is read from ``unicodedata``.
"""

from __future__ import annotations

import unicodedata
from functools import cache

_RIGHT_TO_LEFT = ("R", "AL")
_NUMBERS = ("EN", "AN")


def in_visual_order(text: str) -> str:
    """Return the characters as they are drawn from left to right; a text without right-to-left letters unchanged.

    Examples
    --------
    >>> in_visual_order("A 12"), [f"{ord(char):X}" for char in in_visual_order("\u0628\u0627")]
    ('A 12', ['FE8E', 'FE91'])
    """
    kinds = [unicodedata.bidirectional(char) for char in text]
    if not any(kind in _RIGHT_TO_LEFT for kind in kinds):
        return text
    shaped = _joined(text)
    # 1. runs: from the first right-to-left letter to the last before a left-to-right one, with what lies between
    parts, at = [], 0
    while at < len(text):
        if kinds[at] not in _RIGHT_TO_LEFT:
            parts.append(shaped[at])
            at += 1
            continue
        end = last = at
        while end < len(text) and kinds[end] != "L":
            if kinds[end] in (*_RIGHT_TO_LEFT, "NSM", *_NUMBERS):
                last = end
            end += 1
        parts.append(_reversed(shaped[at : last + 1], kinds[at : last + 1]))
        at = last + 1
    return "".join(parts)


def _reversed(chars: list[str], kinds: list[str]) -> str:
    """Reverse a run; digits of a number stay in order, and a mark stays after its letter."""
    units: list[tuple[str, str]] = []
    for char, kind in zip(chars, kinds, strict=True):
        number = kind in _NUMBERS
        if units and (kind == "NSM" or (number and units[-1][1] == "number")):
            units[-1] = (units[-1][0] + char, units[-1][1])
        else:
            units.append((char, "number" if number else "other"))
    mirrored = {"(": ")", ")": "(", "[": "]", "]": "["}
    return "".join(mirrored.get(unit, unit) for unit, _kind in reversed(units))


def _joined(text: str) -> list[str]:
    """Return each letter in the form that its neighbours call for; marks between letters do not part them."""
    forms = _forms()
    letters = [at for at, char in enumerate(text) if unicodedata.bidirectional(char) != "NSM"]
    shaped = list(text)
    for place, at in enumerate(letters):
        own = forms.get(text[at])
        if own is None:
            continue
        before = forms.get(text[letters[place - 1]], {}) if place else {}
        after = forms.get(text[letters[place + 1]], {}) if place + 1 < len(letters) else {}
        to_last = "initial" in before and "final" in own
        to_next = "initial" in own and "final" in after
        wanted = "medial" if to_last and to_next else "final" if to_last else "initial" if to_next else "isolated"
        shaped[at] = own.get(wanted, own.get("isolated", text[at]))
    return shaped


@cache
def _forms() -> dict[str, dict[str, str]]:
    """Return letter -> form -> presentation form."""
    found: dict[str, dict[str, str]] = {}
    for code in (*range(0xFB50, 0xFE00), *range(0xFE70, 0xFF00)):
        form, *letters = unicodedata.decomposition(chr(code)).split() or [""]
        if len(letters) == 1:
            found.setdefault(chr(int(letters[0], 16)), {})[form.strip("<>")] = chr(code)
    return found
