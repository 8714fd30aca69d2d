"""Write a text in one width and one case, each character where it was, for what looks for positions in it."""

from __future__ import annotations

#: Characters that are read; no text of one place is longer.
MAX_READ = 2_000
#: Found of one kind in one text, at most.
MAX_FOUND = 16
#: Characters of another width or shape, each with the plain one.
WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " ", 0x2116: "#"}
WIDE |= {ord(char): "'" for char in "′’‘´`ʹ"} | {ord(char): '"' for char in "″”“〞"}
WIDE |= {ord(char): "°" for char in "º˚"} | {ord(char): "-" for char in "‐‑‒–—―−"}


def folded(text: str) -> str:
    """Return the text in one width and lower case, each character where it was; the first 2,000 are read.

    Examples
    --------
    >>> folded("Ｎ３７°２７′")
    "n37°27'"
    """
    plain = text[:MAX_READ].translate(WIDE)
    low = plain.lower()
    return low if len(low) == len(plain) else "".join([char.lower()[:1] for char in plain])
