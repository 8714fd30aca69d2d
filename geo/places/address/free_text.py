"""Find the stored texts that share most of what is rare in a free text: single characters and pairs of them.

Weights of terms are those of BM25 with b = 0.5 and terms counted once (Robertson and Zaragoza 2009, "The probabilistic
relevance framework: BM25 and beyond", doi:10.1561/1500000019).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from rapidfuzz.distance import LCSseq

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


class Likeness(NamedTuple):
    """A stored text that is like a free text: its row, and how much alike they are from 0 to 1."""

    row: int
    likeness: float


class TextIndex:
    """Index of stored texts without their numbers; read only after construction.

    Examples
    --------
    >>> index = TextIndex([("古浪镇人民医院", 0), ("古浪镇文化广场", 1), ("昌灵路12号粮油店", 2)])
    >>> [row for row, _ in index.search("县人民医院")], index.search("客运站")
    ([0], [])
    """

    def __init__(self, texts: Iterable[tuple[str, int]]) -> None:
        """Index pairs of normal form and row; a row may have several."""
        documents: dict[str, int] = {}
        rows: list[tuple[int, str, int]] = []
        for form, row in texts:
            plain = _DIGITS.sub("", form)
            rows.append((documents.setdefault(plain, len(documents)), form, row))
        rows.sort(key=lambda entry: entry[0])
        self._texts = list(documents)
        self._forms = [form for _, form, _ in rows]
        self._rows = np.fromiter((row for _, _, row in rows), np.int32, len(rows))
        self._first = np.searchsorted([document for document, _, _ in rows], np.arange(len(documents) + 1))
        terms, document = _terms(self._texts)
        order = np.argsort(terms, kind="stable")
        self._documents = document[order].astype(np.int32)
        self._terms, first = np.unique(terms[order], return_index=True)
        self._start = np.append(first, len(terms)).astype(np.int64)
        count = np.diff(self._start)
        self._weight = np.log1p((len(documents) - count + 0.5) / (count + 0.5)).astype(np.float32)
        sizes = np.fromiter(map(len, self._texts), np.float32, len(documents))
        mean = max(float(sizes.mean()), 1.0) if len(sizes) else 1.0
        self._norm = 1.0 / (1.0 - _LENGTH_WEIGHT + _LENGTH_WEIGHT * np.maximum(sizes, 1.0) / mean)
        self._own = np.zeros(len(documents), np.float32)
        np.add.at(self._own, self._documents, np.repeat(self._weight, count))

    def search(self, form: str, most: int = 20) -> list[Likeness]:
        """Return the rows whose texts are most like a text in normal form, and contradict none of its numbers."""
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
        for likeness, document in sorted(likely, reverse=True):
            if likeness < LEAST_LIKENESS or len(ranked) >= most:
                break
            ranked.extend(Likeness(row, likeness) for row in self._rows_of(document, numbers, most))
        return ranked[:most]

    def _likeness(self, plain: str, document: int, score: float, total: float) -> float:
        """Return how alike a text and a stored one are: what they share of either, and of the order of characters."""
        stored = self._texts[document]
        asked, own = score / total, score / max(float(self._own[document]), 1e-6)
        same = LCSseq.similarity(plain, stored)
        return 0.45 * asked + 0.2 * own + 0.25 * same / len(plain) + 0.1 * same / max(len(stored), 1)

    def _known_terms(self, plain: str) -> tuple[np.ndarray, float]:
        """Return the positions of the terms of a text, the rarest first, and the weight of all terms, known or not."""
        terms, _ = _terms([plain])
        terms = np.unique(terms)
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
        documents, inverse = np.unique(documents[: 2 * _MAX_POSTINGS], return_inverse=True)
        weights = np.repeat(self._weight[found], sizes)[: 2 * _MAX_POSTINGS]
        return documents, np.bincount(inverse, weights=weights)

    def _rows_of(self, document: int, numbers: set[str], most: int) -> list[int]:
        """Return the rows of a stored text whose numbers do not contradict those of the text."""
        rows: list[int] = []
        first = int(self._first[document])
        for k in range(first, min(first + _MAX_ROWS, int(self._first[document + 1]))):
            stored = set(_NUMBER.findall(self._forms[k]))
            if not numbers or not stored or numbers <= stored or stored <= numbers:
                rows.append(int(self._rows[k]))
                if len(rows) == most:
                    break
        return rows


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
