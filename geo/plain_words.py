"""Bring names and words that people type to one form, so that width, case and spaces do not part them.

Elsewhere more or less is taken away on purpose: codes keep their case (`geo.check.codes`), names beside codes too
(`geo.studies.names_of_codes`), addresses keep where each character is from (`geo.places.address.normalise`), headings
lose their units (`geo.readers.columns.column_mapping`), and the names of CRSs in files are in ASCII (`geo.crs`).
"""

from __future__ import annotations

import re
import unicodedata

#: A full stop or a middle dot typed for the decimal point: 6。5.
FULL_STOP = re.compile(r"(?<=\d)[。·•](?=\d)")


def folded_word(text: str) -> str:
    """Return a text in one width and case (NFKC, Unicode Standard Annex 15), without spaces around it.

    Examples
    --------
    >>> folded_word(" Ｓheet 1 ")
    'sheet 1'
    """
    return unicodedata.normalize("NFKC", text).strip().casefold()


def joined_word(text: str) -> str:
    """Return a text in one width and case, without any space.

    Examples
    --------
    >>> joined_word("合　计 Ａ1")
    '合计a1'
    """
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).casefold()


def bare_word(text: object) -> str:
    """Return a text in one width and case, without spaces, dashes and underscores.

    Examples
    --------
    >>> bare_word("Full_Width Ｉndoor"), bare_word("室 内")
    ('fullwidthindoor', '室内')
    """
    return re.sub(r"[\s_-]", "", unicodedata.normalize("NFKC", str(text))).casefold()
