"""Hold one thing that a text says of places."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Statement:
    """What a text says in one place.

    Attributes
    ----------
    text, start, end
        The words, and their positions in the text, in characters.
    said
        The number as written, of a percentage its share; ``holds`` for a claim; None where it cannot be read.
    low, high
        What the store may have for it to be equal, both included; of a claim nothing.
    pattern
        Name of the pattern; empty where none fits.
    key
        What of the store it is to be compared with; None where it is not to be compared.
    reason
        Why it is not to be compared; empty where it is.
    is_hedged
        Whether a claim is made "basically" (基本): then that it fails says nothing against it.
    """

    text: str
    start: int
    end: int
    said: float | str | None
    low: float = math.nan
    high: float = math.nan
    pattern: str = ""
    key: str | None = None
    reason: str = ""
    is_hedged: bool = False
