"""Find the stored texts that share most of what is rare in a free text: single characters and pairs of them.

Weights of terms are those of BM25 with b = 0.5 and terms counted once (Robertson and Zaragoza 2009, "The probabilistic
relevance framework: BM25 and beyond", doi:10.1561/1500000019).
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from rapidfuzz.distance import LCSseq

from geo.places.address.entry_arrays import hash_of
from geo.places.address.packed_texts import PackedTexts, checked

_DIGITS = re.compile(r"[0-9]+")
# 12-3 is one number, and another than 12/3; 29,100 are two.
_NUMBER = re.compile(r"[0-9]+(?:[-/.][0-9]+)*")
_LENGTH_WEIGHT = 0.5
#: Postings read for one text: the rarest terms first, so that common ones cost no more than they tell.
_MAX_POSTINGS = 40_000
_MAX_TERMS = 64
#: Texts compared character by character.
_MAX_COMPARED = 60
#: Doors of one text looked through for a number: the doors of a street are found by their numbers, not here.
_MAX_ROWS = 50
#: Of what is rare in the text at least this share is in a stored text, or it is not like it.
LEAST_LIKENESS = 0.35
_BITS = 21
# Up to so many texts for each posting read, scores are counted in an array of all texts.
_FEW_TEXTS = 20
_ARRAYS = (
    "rows", "numbers", "first", "terms", "start", "documents", "weight", "own", "norm", "form_hashes", "form_rows",
)  # fmt: skip


class Likeness(NamedTuple):
    """A stored text that is like a free text: its row, how much alike they are from 0 to 1, the text without numbers.

    Examples
    --------
    >>> Likeness(7, 0.8, "东街号").row
    7
    """

    row: int
    likeness: float
    plain: str


class TextCollector:
    """Texts to be indexed, taken apart as they come: many share what they say beside their numbers.

    Examples
    --------
    >>> collected = TextCollector()
    >>> collected.add("东街1号", 0)
    >>> collected.add("东街2号", 1)
    >>> list(collected.documents), list(collected.number_texts)
    (['东街号'], ['1', '2'])
    """

    def __init__(self) -> None:
        self.documents: dict[str, int] = {}
        self.number_texts: dict[str, int] = {}
        self.document, self.numbers, self.row = array("i"), array("i"), array("i")
        self.hashes = array("Q")

    def add(self, form: str, row: int) -> None:
        """Add a text in normal form and its row; a row may have several."""
        self.document.append(self.documents.setdefault(_DIGITS.sub("", form), len(self.documents)))
        self.numbers.append(self.number_texts.setdefault(" ".join(_NUMBER.findall(form)), len(self.number_texts)))
        self.row.append(row)
        self.hashes.append(hash_of(form.encode("utf-8", "replace")))


class TextIndex:
    """Index of stored texts without their numbers; read only after construction.

    Examples
    --------
    >>> collected = TextCollector()
    >>> for row, form in enumerate(["古浪镇人民医院", "古浪镇文化广场", "昌灵路12号粮油店"]):
    ...     collected.add(form, row)
    >>> index = TextIndex(collected)
    >>> [one.row for one in index.search("县人民医院")], index.search("客运站")
    ([0], [])
    """

    def __init__(self, texts: TextCollector) -> None:
        """Index the texts collected."""
        order = np.argsort(texts.document, kind="stable")
        first = np.searchsorted(np.frombuffer(texts.document, np.intc)[order], np.arange(len(texts.documents) + 1))
        hashes, row = np.frombuffer(texts.hashes, np.uint64), np.frombuffer(texts.row, np.intc)
        by_form = np.lexsort((row, hashes))
        self._take(
            PackedTexts.of(texts.documents),
            PackedTexts.of(texts.number_texts),
            {
                "rows": row[order],
                "numbers": np.frombuffer(texts.numbers, np.intc)[order],
                "first": first.astype(np.int64),
                "form_hashes": hashes[by_form],
                "form_rows": row[by_form],
                **_weighed_terms(list(texts.documents)),
            },
        )

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, np.ndarray], rows: int) -> TextIndex:
        """Return the index of arrays from a file; raise ValueError where they do not fit each other or so many rows."""
        texts, numbers = (PackedTexts.of_arrays(dict(arrays), name) for name in ("texts", "number_texts"))
        size, terms = len(arrays["rows"]), len(arrays["terms"])
        checked(arrays["rows"], np.int32, least=0, below=rows)
        checked(arrays["numbers"], np.int32, size=size, least=0, below=len(numbers))
        checked(arrays["form_hashes"], np.uint64, size=size)
        checked(arrays["form_rows"], np.int32, size=size, least=0, below=rows)
        _check_starts(checked(arrays["first"], np.int64, size=len(texts) + 1), size)
        _check_starts(checked(arrays["start"], np.int64, size=terms + 1), len(arrays["documents"]))
        checked(arrays["documents"], np.int32, least=0, below=len(texts))
        checked(arrays["terms"], np.uint64)
        checked(arrays["weight"], np.float32, size=terms)
        checked(arrays["own"], np.float32, size=len(texts))
        checked(arrays["norm"], np.float32, size=len(texts))
        made = cls.__new__(cls)
        made._take(texts, numbers, arrays)
        return made

    def arrays(self) -> dict[str, np.ndarray]:
        """Return all that `of_arrays` needs."""
        return {**self._arrays, **self._texts.arrays("texts"), **self._number_texts.arrays("number_texts")}

    def _take(self, texts: PackedTexts, numbers: PackedTexts, arrays: Mapping[str, np.ndarray]) -> None:
        self._texts, self._number_texts = texts, numbers
        self._arrays = {name: arrays[name] for name in _ARRAYS}
        self._rows, self._numbers, self._first = arrays["rows"], arrays["numbers"], arrays["first"]
        self._terms, self._start, self._documents = arrays["terms"], arrays["start"], arrays["documents"]
        self._weight, self._own, self._norm = arrays["weight"], arrays["own"], arrays["norm"]
        self._form_rows = arrays["form_rows"]
        self._hash_at = arrays["form_hashes"].data  # bisect reads its plain integers faster than NumPy is called

    def rows_of(self, form: str) -> np.ndarray:
        """Return the rows that have a text of this very normal form, in order.

        Examples
        --------
        >>> collected = TextCollector()
        >>> for row, form in enumerate(["东街1号", "东街2号", "东街1号"]):
        ...     collected.add(form, row)
        >>> TextIndex(collected).rows_of("东街1号").tolist()
        [0, 2]
        """
        key = hash_of(form.encode("utf-8", "replace"))
        first = bisect_left(self._hash_at, key)
        if first == len(self._hash_at) or self._hash_at[first] != key:
            return self._form_rows[:0]
        return np.unique(self._form_rows[first : bisect_right(self._hash_at, key, first)])

    def plain_texts(self, rows: np.ndarray) -> list[str]:
        """Return the text of each row without its numbers; of a row with several texts the first.

        Examples
        --------
        >>> collected = TextCollector()
        >>> for row, form in enumerate(["东街1号", "西街"]):
        ...     collected.add(form, row)
        >>> TextIndex(collected).plain_texts(np.array([1, 0]))
        ['西街', '东街号']
        """
        at = np.flatnonzero(np.isin(self._rows, rows))
        documents = np.searchsorted(self._first, at, side="right") - 1
        document_of: dict[int, int] = {}
        for row, document in zip(self._rows[at].tolist(), documents.tolist(), strict=True):
            document_of.setdefault(row, document)
        return [self._texts[document_of[row]] for row in rows.tolist()]

    def search(self, form: str, most: int = 20, *, naming: str = "") -> list[Likeness]:
        """Return the rows whose texts are most like a text in normal form, and contradict none of its numbers.

        With `naming` only texts that hold this name count.
        """
        plain = _DIGITS.sub("", form)[: _MAX_TERMS // 2]
        if not plain or not len(self._terms):
            return []
        found, total = self._known_terms(plain)
        if not len(found):
            return []
        documents, scores = self._scored(found)
        if not len(documents):
            return []
        scaled = -scores * self._norm[documents]
        best = (
            np.argpartition(scaled, _MAX_COMPARED)[:_MAX_COMPARED] if len(scaled) > _MAX_COMPARED else scaled.argsort()
        )
        numbers = set(_NUMBER.findall(form))
        likely = [(self._likeness(plain, int(documents[k]), float(scores[k]), total), int(documents[k])) for k in best]
        ranked: list[Likeness] = []
        fits: dict[int, bool] = {}  # the doors of one street have the numbers of those of another
        for likeness, document in sorted(likely, reverse=True):
            if likeness < LEAST_LIKENESS or len(ranked) >= most:
                break
            plain = self._texts[document]
            if naming in plain:
                ranked.extend(Likeness(row, likeness, plain) for row in self._rows_of(document, numbers, most, fits))
        return ranked[:most]

    def _likeness(self, plain: str, document: int, score: float, total: float) -> float:
        """Return how alike a text and a stored one are: what they share of either, and of the order of characters."""
        stored = self._texts[document]
        asked, own = score / total, score / max(float(self._own[document]), 1e-6)
        same = LCSseq.similarity(plain, stored)
        return 0.45 * asked + 0.2 * own + 0.25 * same / len(plain) + 0.1 * same / max(len(stored), 1)

    def _known_terms(self, plain: str) -> tuple[np.ndarray, float]:
        """Return the positions of the terms of a text, the rarest first, and the weight of all terms, known or not."""
        codes = [ord(char) for char in plain.encode("utf-8", "replace").decode("utf-8")]
        pairs = ((one << _BITS) | other for one, other in pairwise(codes))
        terms = np.array(sorted({*codes, *pairs}), np.uint64)
        at = np.searchsorted(self._terms, terms)
        at[at == len(self._terms)] = 0
        known = self._terms[at] == terms
        unknown = float(np.log1p(2.0 * len(self._texts) + 1.0)) * int((~known).sum())
        at = at[known]
        total = float(self._weight[at].sum()) + 0.5 * unknown
        return at[np.argsort(-self._weight[at], kind="stable")], max(total, 1e-6)

    def _scored(self, found: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the stored texts that share terms, and the sum of the weights of those."""
        sizes = self._start[found + 1] - self._start[found]
        taken = np.cumsum(sizes) <= _MAX_POSTINGS
        taken[0] = True
        found, sizes = found[taken], sizes[taken]
        documents = np.concatenate([self._documents[self._start[k] : self._start[k + 1]] for k in found])
        documents = documents[: 2 * _MAX_POSTINGS]
        weights = np.repeat(self._weight[found], sizes)[: 2 * _MAX_POSTINGS]
        if len(self._texts) <= _FEW_TEXTS * len(documents):  # to count in all of them is quicker than to sort
            is_found = np.zeros(len(self._texts), bool)
            is_found[documents] = True
            scores = np.bincount(documents, weights=weights, minlength=len(self._texts))
            documents = np.flatnonzero(is_found)
            return documents, scores[documents]
        documents, inverse = np.unique(documents, return_inverse=True)
        return documents, np.bincount(inverse, weights=weights)

    def _rows_of(self, document: int, numbers: set[str], most: int, fits: dict[int, bool]) -> list[int]:
        """Return the rows of a stored text whose numbers do not contradict those of the text.

        Which stored numbers do not is kept in `fits`, for the next document.
        """
        first = int(self._first[document])
        last = min(first + _MAX_ROWS, int(self._first[document + 1]))
        if not numbers:
            return list(self._rows[first : min(first + most, last)].tolist())
        rows: list[int] = []
        for row, which in zip(self._rows[first:last].tolist(), self._numbers[first:last].tolist(), strict=True):
            is_fit = fits.get(which)
            if is_fit is None:
                stored = self._number_texts[which].split()
                is_fit = fits[which] = not stored or numbers.issubset(stored) or numbers.issuperset(stored)
            if is_fit:
                rows.append(row)
                if len(rows) == most:
                    break
        return rows


def _weighed_terms(texts: Sequence[str]) -> dict[str, np.ndarray]:
    """Return the terms of texts, which texts have each, and the weights of terms and texts."""
    terms, document = _terms(texts)
    order = np.argsort(terms, kind="stable")
    documents = document[order].astype(np.int32)
    terms, first = np.unique(terms[order], return_index=True)
    start = np.append(first, len(documents)).astype(np.int64)
    count = np.diff(start)
    weight = np.log1p((len(texts) - count + 0.5) / (count + 0.5)).astype(np.float32)
    sizes = np.fromiter(map(len, texts), np.float32, len(texts))
    mean = max(float(sizes.mean()), 1.0) if len(sizes) else 1.0
    norm = 1.0 / (1.0 - _LENGTH_WEIGHT + _LENGTH_WEIGHT * np.maximum(sizes, 1.0) / mean)
    own = np.zeros(len(texts), np.float32)
    np.add.at(own, documents, np.repeat(weight, count))
    return {"terms": terms, "start": start, "documents": documents, "weight": weight, "own": own, "norm": norm}


def _check_starts(start: np.ndarray, size: int) -> None:
    if start[0] != 0 or start[-1] != size or (np.diff(start) < 0).any():
        raise ValueError("parts begin outside of what they are parts of")


def _terms(texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return the characters and pairs of characters of texts as numbers, each once a text, and the text of each."""
    codes = np.frombuffer("\n".join(texts).encode("utf-32-le", "replace"), np.uint32).astype(np.uint64)
    is_break = codes == ord("\n")
    document = np.cumsum(is_break)
    pairs = ~(is_break[:-1] | is_break[1:])
    terms = np.concatenate([codes[~is_break], (codes[:-1][pairs] << np.uint64(_BITS)) | codes[1:][pairs]])
    owner = np.concatenate([document[~is_break], document[:-1][pairs]])
    order = np.lexsort((terms, owner))
    terms, owner = terms[order], owner[order]
    first = np.append(True, (terms[1:] != terms[:-1]) | (owner[1:] != owner[:-1]))[: len(terms)]
    return terms[first], owner[first]
