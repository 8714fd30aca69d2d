"""Keep the last few answers that took long to make, by a text that names all they depend on."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from api.long_work import Turns

_Answer = TypeVar("_Answer")


class KeptAnswers(Generic[_Answer]):
    """The last few answers that were made, by name or ETag; of threads at once each may make its own.

    Examples
    --------
    >>> kept: KeptAnswers[bytes] = KeptAnswers(1)
    >>> kept.put("a", b"1"), kept.put("b", b"2"), kept.get("a"), kept.get("b")
    (b'1', b'2', None, b'2')
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[str, _Answer] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, name: str) -> _Answer | None:
        """Return the answer of a name, None where it is not kept."""
        with self._lock:
            return self._kept.get(name)

    def made(self, name: str, turns: Turns, make: Callable[[], _Answer]) -> _Answer:
        """Return the answer of a name, made in turn where it is not kept; who waited for the same one has it then."""
        found = self.get(name)
        if found is None:
            with turns.turn():
                found = self.get(name)
                if found is None:
                    found = self.put(name, make())
        return found

    def put(self, name: str, answer: _Answer) -> _Answer:
        """Keep an answer and return it; the oldest one goes."""
        with self._lock:
            self._kept[name] = answer
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return answer
