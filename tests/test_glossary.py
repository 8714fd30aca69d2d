"""Hold docs/glossary.md to be one word a thing: each term once, and each name that it gives there in the code."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
#: What a row says of words that texts of the program still have, and documents do not.
ON_SCREEN = "（界面除外 but on screen）"
#: Files whose Chinese is not ours to choose -> why.
WORDS_OF_OTHERS = {
    "docs/glossary.md": "names the words that are not used",
    "docs/layers.md": "written from the catalogue: headings on screen, and columns of others' files",
    "geo/catalog/layers.py": "columns and values of others' files that an import knows",
    "geo/catalog/kinds.py": "words of others' lists for kinds of places, facilities and zones",
    "geo/catalog/place_layers.py": "columns and values of others' files that an import knows",
    "geo/catalog/heading_patterns.py": "columns of others' files that an import knows",
    "geo/readers/columns/part_headings.py": "headings of others' lists that are known",
    "geo/readers/columns/content_columns.py": "words in the headings of others' files",
    "geo/readers/columns/column_mapping.py": "columns of others' files that are dropped",
    "geo/places/address/division_names.py": "ends and common words of names of divisions",
    "geo/places/address/normalise.py": "words of addresses for former names",
    "geo/places/address/tail_words.py": "words that addresses count and end their parts with",
    "geo/places/address/text_crossings.py": "words of addresses for crossings",
    "geo/catalog/free_words.py": "words of registers for rooms and roads",
    "geo/readers/words/directions.py": "words of registers for directions",
    "geo/statements/english_numbers.py": "words of reports for numbers",
    "geo/readers/words/camera_words.py": "words of registers for kinds, classes and states",
    "geo/readers/columns/profiles.py": "columns of others' files that an import knows",
    "geo/demo/camera_poles.py": "names of places and authorities",
    "geo/demo/zone_tiling.py": "names of places",
    "geo/statements/claim_phrases.py": "words of the reports of others",
    "geo/statements/context.py": "words of the reports of others",
    "geo/statements/finding.py": "words of the reports of others",
    "geo/statements/patterns.py": "words of the reports of others",
    "geo/registers/camera_names.py": "words in the names that others give to their cameras",
}
#: English words that are not used for one thing and are for another, or are words of every sentence: not looked for.
_ORDINARY_WORDS = (
    "act aim alone aside bar beneath book cell device direction down eye fraction front hand heading holds "
    "hole house limit look measure meet merge metric office past path people piece places project ratio reason "
    "region resolution settle sight slice solid stamp stand standing state steps try turn type walk "
    "walls way where why work"
)
ORDINARY = frozenset(_ORDINARY_WORDS.split())
#: A word not used -> longer words in which it is not that word.
OTHER_WORDS = {"序号": ("顺序号",), "障碍": ("障碍物",), "单机": ("单机视域",)}

_SQL = re.compile(r"\b(SELECT|INSERT|UPDATE|CREATE|DELETE|ALTER|GRANT|DROP|REVOKE)\b")


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


def not_used_in_chinese(*, on_screen: bool) -> dict[str, str]:
    """Return each Chinese word that no text has, in any sense -> its term; of one character none, as all words have it.

    ``on_screen`` leaves out those that texts of the program still have.
    """
    found = {}
    for term in terms():
        for group in term.not_used.split("；"):
            words = group if on_screen else group.replace(ON_SCREEN, "")
            if "（" not in words:
                found |= {word.strip(): term.chinese for word in re.split(r"[、,]", words)}
    return {word: term for word, term in found.items() if re.search(r"[\u4e00-\u9fff].*[\u4e00-\u9fff]", word)}


def found_in(text: str, words: Iterable[str]) -> set[str]:
    """Return the words that a text has, but for those that are part of another word."""
    found = set()
    for word in words:
        rest = text
        for longer in OTHER_WORDS.get(word, ()):
            rest = rest.replace(longer, "")
        if word in rest:
            found.add(word)
    return found


def test_documents_have_no_word_that_is_not_used() -> None:
    words = not_used_in_chinese(on_screen=False)
    assert len(words) > 50
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    assert len(pages) > 30
    assert _with_words_not_used(pages, words) == {}


def test_texts_of_the_program_have_no_word_that_is_not_used_but_those_the_row_names() -> None:
    unused = not_used_in_chinese(on_screen=True)
    files = [path for home in ("geo", "maps", "api") for path in (ROOT / home).rglob("*") if _is_ours(path)]
    assert len(files) > 200
    assert _with_words_not_used(files, unused) == {}
    texts = "\n".join(path.read_text(encoding="utf-8") for path in files)
    shown = set(not_used_in_chinese(on_screen=False)) - set(unused)
    assert shown - found_in(texts, shown) == set(), "not on screen any more: the row need not except it"


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _is_ours(path: Path) -> bool:
    return path.suffix in {".py", ".js", ".html"} and "vendor" not in path.parts


def _with_words_not_used(files: Iterable[Path], words: Collection[str]) -> dict[str, set[str]]:
    named = {path.relative_to(ROOT).as_posix(): path for path in files}
    found = {
        name: found_in(path.read_text(encoding="utf-8"), words)
        for name, path in named.items()
        if name not in WORDS_OF_OTHERS
    }
    return {name: some for name, some in found.items() if some}


def test_a_word_that_is_not_used_is_found() -> None:
    assert found_in("指标与缺省值", ["缺省", "面模型"]) == {"缺省"}
    assert found_in("网格顺序号", ["序号"]) == set()
    assert found_in("网格顺序号与序号", ["序号"]) == {"序号"}
    assert {"面模型", "缺省"} <= set(not_used_in_chinese(on_screen=False))
    assert "缺省" not in not_used_in_chinese(on_screen=True)
    assert "原因" not in not_used_in_chinese(on_screen=False)


def not_used_in_english() -> dict[str, str]:
    """Return each English word or group of words that no text has, in any sense -> its term."""
    groups = [(group, term.english) for term in terms() for group in term.not_used.split("；") if "（" not in group]
    found = {word.strip(): term for group, term in groups for word in re.split(r"[、,]", group)}
    return {word: term for word, term in found.items() if re.fullmatch(r"[a-z][a-z -]+", word)}


def english_words_in(text: str, words: Iterable[str]) -> set[str]:
    """Return the words that a text has as whole words, in singular or plural."""
    return {word for word in words if re.search(rf"(?<![\w/-]){word}s?(?![\w/-])", text, re.IGNORECASE)}


def _prose(page: Path) -> str:
    """Return a document without what is code."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`]*`", "", text)


def _texts(module: Path) -> str:
    """Return the texts that a module writes for people: strings of several words that are no docstrings and no SQL."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    documented = [one for one in ast.walk(tree) if isinstance(one, (ast.Module, ast.ClassDef, ast.FunctionDef))]
    docstrings = {id(one.body[0].value) for one in documented if one.body and isinstance(one.body[0], ast.Expr)}
    strings = [one for one in ast.walk(tree) if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    return "\n".join(
        one.value for one in strings if id(one) not in docstrings and " " in one.value and not _SQL.search(one.value)
    )


def test_english_documents_and_texts_have_no_word_that_is_not_used() -> None:
    words = not_used_in_english()
    assert len(words) > 80
    pages = [
        page for page in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")) if _name(page) not in WORDS_OF_OTHERS
    ]
    modules = [path for home in ("geo", "maps", "api") for path in (ROOT / home).rglob("*.py")]
    assert min(len(pages), len(modules)) > 30
    texts = {_name(one): _prose(one) for one in pages} | {
        _name(one): _texts(one) for one in modules if _name(one) not in WORDS_OF_OTHERS
    }
    found = {name: english_words_in(text, words.keys() - ORDINARY) for name, text in texts.items()}
    assert {name: some for name, some in found.items() if some} == {}
    whole = "\n".join(texts.values())
    assert ORDINARY - english_words_in(whole, ORDINARY) == set(), "no text has it any more: it need not be let pass"
    assert words.keys() >= ORDINARY


def test_an_english_word_that_is_not_used_is_found() -> None:
    assert english_words_in("Two Micro-grids and one metric-tonne", ["micro-grid", "metric"]) == {"micro-grid"}
    assert english_words_in("unlimited limits", ["limit"]) == {"limit"}
    assert {"official run", "micro-grid", "bad row", "blind spot"} <= set(not_used_in_english())
    assert "road" not in not_used_in_english()


def test_files_that_have_words_of_others_exist() -> None:
    assert [name for name in WORDS_OF_OTHERS if not (ROOT / name).is_file()] == []


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
            as_file = (ROOT / name).exists() if "/" in name else name in files
            assert as_file or re.search(rf"\b{re.escape(name)}\b", code), f"{term.english}: {name}"
