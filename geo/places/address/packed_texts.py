"""Keep very many texts as one block of bytes, which is small in memory and stays as it is in a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np


class PackedTexts(Sequence[str]):
    """Texts in one block of UTF-8 and where each begins; read only.

    Examples
    --------
    >>> texts = PackedTexts.of(["东街", "", "西街"])
    >>> len(texts), texts[0], texts[1], texts.start.tolist()
    (3, '东街', '', [0, 6, 6, 12])
    """

    def __init__(self, block: bytes, start: np.ndarray) -> None:
        """Take a block, and the begin of each text in it with the end of the last one."""
        self.block = block
        self.start = start
        self._start = start.data  # its items are plain integers, which slice faster than those of NumPy

    @classmethod
    def of(cls, texts: Iterable[str]) -> PackedTexts:
        """Pack texts in their order."""
        packed = [text.encode("utf-8", "replace") for text in texts]
        return cls(b"".join(packed), starts_of(np.fromiter(map(len, packed), np.int64, len(packed))))

    def __len__(self) -> int:
        return len(self.start) - 1

    def __getitem__(self, at: Any) -> Any:
        return self.block[self._start[at] : self._start[at + 1]].decode("utf-8", "replace")

    def arrays(self, name: str) -> dict[str, np.ndarray]:
        """Return the block and the begins as arrays for a file, under a name."""
        return {f"{name}.block": np.frombuffer(self.block, np.uint8), f"{name}.start": self.start}

    @classmethod
    def of_arrays(cls, arrays: dict[str, np.ndarray], name: str) -> PackedTexts:
        """Return the texts of such arrays; raise ValueError where the begins do not fit the block."""
        start = checked(arrays[f"{name}.start"], np.int64)
        block = checked(arrays[f"{name}.block"], np.uint8)
        if not len(start) or start[0] != 0 or start[-1] != len(block) or (np.diff(start) < 0).any():
            raise ValueError(f"{name}: texts begin outside their block")
        return cls(block.tobytes(), start)


def starts_of(sizes: np.ndarray) -> np.ndarray:
    """Return where parts of some sizes begin that stand one after the other, and where the last one ends.

    Examples
    --------
    >>> starts_of(np.array([3, 0, 2])).tolist()
    [0, 3, 3, 5]
    """
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


def checked(
    array: np.ndarray, kind: type, *, size: int | None = None, least: float | None = None, below: float | None = None
) -> np.ndarray:
    """Return an array of a file; raise ValueError where its kind, its size or its values are not what they must be.

    Parameters
    ----------
    array
        The array, of one dimension.
    kind
        Its type of numbers.
    size
        Its length.
    least, below
        What none of its values is less than, and what all are less than.

    Examples
    --------
    >>> checked(np.array([0, 2], np.int32), np.int32, size=2, least=0, below=3).tolist()
    [0, 2]
    """
    if array.dtype != kind or array.ndim != 1 or (size is not None and len(array) != size):
        raise ValueError(f"an array of {array.dtype} {array.shape} is not of {kind.__name__} ({size})")
    if len(array) and ((least is not None and array.min() < least) or (below is not None and array.max() >= below)):
        raise ValueError(f"values from {array.min()} to {array.max()} are not from {least} to below {below}")
    return array
