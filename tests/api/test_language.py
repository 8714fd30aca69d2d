"""Read the language a header prefers, and one side of a sentence in two languages."""

from __future__ import annotations

import pytest

from api.language import from_header
from geo.sentences import in_language


@pytest.mark.parametrize(
    ("header", "lang"),
    [
        (None, "zh"), ("", "zh"), ("en", "en"), ("en-GB,zh;q=0.5", "en"), ("zh,en", "zh"), ("en;q=0.2,zh;q=0.1", "en"),
        ("fr,de", "zh"), ("en;q=0", "zh"), (";;;,=,q", "zh"), ("en;q=9", "zh"), ("*", "zh"),
    ],
)  # fmt: skip
def test_the_language_of_a_header(header: str | None, lang: str) -> None:
    assert from_header(header) == lang


def test_sentences_in_two_languages() -> None:
    assert (in_language("甲 / a", "zh"), in_language("甲 / a", "en"), in_language("a", "zh")) == ("甲", "a", "a")
