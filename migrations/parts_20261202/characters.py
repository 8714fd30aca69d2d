"""Compare what addresses and zones name with traditional characters as the program does: 城鎮 is 城镇."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import migrations.parts_20261129 as forms
from migrations.steps import run

_SIMPLIFIED = Path(__file__).with_name("simplified.sql")
_FORMS = Path(forms.__file__).with_name("names.sql")
_UNFOLDED = 'plain := lower(normalize(plain, NFKC) COLLATE "C");'
_COUNTING, _NO_COMMUNITY = "(?=组|社|队|", "(?=组|社(?!区)|队|"  # 五一社区 is a name
_PLAIN = re.compile(r"gridsight\.plain_words\([^()]*\)")
_MADE = "CREATE FUNCTION gridsight.address_form"


def read_traditional() -> None:
    """Make the function that simplifies, and let the one that normalises addresses use it."""
    run(_SIMPLIFIED.read_text(encoding="utf-8"))
    before = _address_form()
    for part in (_UNFOLDED, _COUNTING):
        if part not in before:
            raise LookupError(part)
    simplifying = before.replace(_UNFOLDED, f"{_UNFOLDED}\n  plain := gridsight.simplified(plain);")
    run(simplifying.replace(_COUNTING, _NO_COMMUNITY))
    run(_PLAIN.sub(r"gridsight.simplified(\g<0>)", _named_apart()))  # numbers and marks of zones are compared as before


def read_simplified_only() -> None:
    """Put the functions back as they were."""
    run(_named_apart())
    run(_address_form())
    run("DROP FUNCTION gridsight.simplified(text)")


def _address_form() -> str:
    """Return the statement that makes the function of 2026-11-29 anew."""
    scripts = [one for one in _FORMS.read_text(encoding="utf-8").split("\n;;\n") if _MADE in one]
    return scripts[0].replace(_MADE, _MADE.replace("CREATE", "CREATE OR REPLACE"))


def _named_apart() -> str:
    """Return the statement that makes the function that refuses names of others, as revision 0013 does."""
    step = importlib.import_module("migrations.versions.20261129_0013_foreign_names")
    script = str(step._FUNCTION).split("\n;;\n")[0]
    return script.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
