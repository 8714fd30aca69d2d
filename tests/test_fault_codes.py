"""The page on owners tells every code of a fault that an answer may have, in both languages, and no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.representations.batch_sheets import ADDED_COLUMNS

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/owners.md").read_text("utf-8")
CHINESE, _, ENGLISH = PAGE.partition("## English")


def _codes(tree: ast.AST) -> Iterator[str]:
    """Yield the texts that dictionaries have as their ``code`` beside a ``text``: those are faults."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            keys = [key.value for key in node.keys if isinstance(key, ast.Constant)]
            if keys == ["code", "text"]:
                yield from _texts(node.values[0], tree)


def _texts(value: ast.AST, tree: ast.AST) -> Iterator[str]:
    """Yield the texts of an expression, of a name those it is given anywhere in the module."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value
    elif isinstance(value, ast.IfExp):
        yield from _texts(value.body, tree)
        yield from _texts(value.orelse, tree)
    elif isinstance(value, ast.Name):
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and any(
                isinstance(one, ast.Name) and one.id == value.id for one in node.targets
            ):
                yield from _texts(node.value, tree)


#: The studies that make faults of rows.
STUDIES = ("codes_of_day.py", "locate_rows.py", "points_beside.py", "unused_cells.py")


def _in_code() -> set[str]:
    paths = [*(ROOT / "geo/places").rglob("*.py"), *(ROOT / "geo/studies" / name for name in STUDIES)]
    return {code for path in paths for code in _codes(ast.parse(path.read_text("utf-8")))}


@pytest.mark.parametrize(("part", "heading"), [(CHINESE, "存疑代码"), (ENGLISH, "code")])
def test_the_page_tells_every_code_of_a_fault_and_no_other(part: str, heading: str) -> None:
    table = part.partition(f"\n| {heading} |")[2].partition("\n\n")[0]
    told = re.findall(r"^\| `([a-z_-]+)` \|", table, re.M)
    assert len(told) == len(set(told))
    assert set(told) == _in_code()


@pytest.mark.parametrize("part", [CHINESE, ENGLISH])
def test_the_page_tells_every_column_that_is_added(part: str) -> None:
    k = int(part is ENGLISH)
    rows = [f"| `{name}` | {pair[k]} |" for name, pair in ADDED_COLUMNS.items()]
    assert [row for row in rows if row not in part] == []


def test_codes_are_found_behind_conditions_and_names() -> None:
    tree = ast.parse('word = "b" if x else "c"\na = {"code": "a", "text": t}\nb = {"code": word, "text": t}')
    assert set(_codes(tree)) == {"a", "b", "c"}
