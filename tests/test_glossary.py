"""Hold docs/glossary.md to be one word a thing: each term once, and each name that it gives there in the code."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent


class Term(NamedTuple):
    """Hold one row of the table."""

    topic: str
    english: str
    chinese: str
    meaning: str
    code: str
    not_used: str


def terms() -> list[Term]:
    """Return the rows of the table, its head and rule left out."""
    lines = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines()
    rows = [line.strip("|").split(" | ") for line in lines if line.startswith("| ")]
    assert all(len(row) == 6 for row in rows)
    return [Term(*(cell.strip() for cell in row)) for row in rows[1:]]


def test_a_term_stands_once_in_either_language() -> None:
    assert len(terms()) > 100
    for words in ([term.english for term in terms()], [term.chinese for term in terms()]):
        assert [word for word, count in Counter(words).items() if count > 1] == []


def test_terms_of_one_topic_stand_together() -> None:
    topics = [term.topic for term in terms()]
    assert topics == sorted(topics, key=topics.index)


def test_each_meaning_is_told_in_both_languages() -> None:
    assert {term.english: term.meaning for term in terms() if not _in_both_languages(term.meaning)} == {}
    assert not _in_both_languages("一格 / 格")
    assert not _in_both_languages("one cell / one cell")
    assert not _in_both_languages("一格")


def _in_both_languages(meaning: str) -> bool:
    chinese, _, english = meaning.rpartition(" / ") if " / " in meaning else meaning.rpartition("/ ")
    han = re.compile(r"[\u4e00-\u9fff]")
    return bool(han.search(chinese) and english and not han.search(english.replace("网格化管理", "")))


def test_no_term_is_among_the_words_not_used() -> None:
    """What is not used for one thing may be used for another only where the row says for which thing it is not."""
    groups = [group for term in terms() for group in term.not_used.split("；") if "（" not in group]
    retired = {word.strip() for group in groups for word in re.split(r"[、,]", group)}
    assert len(retired) > 80
    assert retired & {term.english for term in terms()} == set()
    assert retired & {term.chinese for term in terms()} == set()


def test_names_of_the_code_are_there() -> None:
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for home in ("geo", "maps", "api")
        for path in sorted((ROOT / home).rglob("*"))
        if path.suffix in {".py", ".js"} and "vendor" not in path.parts
    )
    files = {path.name for home in ("geo", "maps", "api") for path in (ROOT / home).rglob("*")}
    for term in terms():
        names = re.findall(r"`([^`]+)`", term.code)
        assert names or "尚无" in term.code, term.english
        for name in names:
            there = (
                (ROOT / name).exists() if "/" in name else name in files or re.search(rf"\b{re.escape(name)}\b", code)
            )
            assert there or re.search(rf"{re.escape(name)}\b", code), f"{term.english}: {name}"
