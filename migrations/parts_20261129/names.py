"""Compare what addresses name as the program compares addresses: 5社村 is 五社村, and no part of 15社村."""

from __future__ import annotations

from pathlib import Path

import migrations.parts_20261128.within as before
from migrations.steps import run

_FORMS = Path(__file__).with_suffix(".sql")
_FUNCTIONS = Path(before.__file__).with_suffix(".sql")

#: What the functions of 2026-11-28 say, and what they say from now on.
_PLAIN, _FORM = "gridsight.plain_words({0})", "gridsight.address_form({0})"
_PATTERN = "array_to_string({0}, '|')"
#: A name that begins with a number is not found in the middle of another one; marks within it stand for themselves.
_OF_NAMES = """(SELECT string_agg(CASE WHEN n.name ~ '^[0-9]' THEN '(?<![0-9])' ELSE '' END
    || regexp_replace(n.name, '[(/.,-]', '\\\\\\&', 'g'), '|') FROM unnest({0}) n (name))"""
_CHANGES = {
    "within()": ((_PLAIN.format("s.word"), _FORM.format("s.word")),),
    "foreign_names(": (
        (_PLAIN.format("n.name"), _FORM.format("n.name")),
        *((_PATTERN.format(one), _OF_NAMES.format(one)) for one in ("foreign_words", "foreign_words || own")),
    ),
}


def make_names() -> None:
    """Make the function that normalises, and let what refuses foreign names use it."""
    run(_FORMS.read_text(encoding="utf-8"))
    for name in _CHANGES:
        run(renewed_function(name))


def renewed_function(name: str) -> str:
    """Return the statement that makes a function of 2026-11-28 anew, as it is from now on."""
    script = _function(name)
    for old, new in _CHANGES[name]:
        if old not in script:
            raise LookupError(old)
        script = script.replace(old, new)
    return script


def drop_names() -> None:
    """Put the functions back as they were."""
    for name in _CHANGES:
        run(_function(name))
    run("DROP FUNCTION gridsight.address_form(text), gridsight.numeral_value(text)")


def _function(name: str) -> str:
    """Return the statement that makes a function of 2026-11-28 anew."""
    made = f"CREATE FUNCTION gridsight.{name}"
    scripts = [one for one in _FUNCTIONS.read_text(encoding="utf-8").split("\n;;\n") if made in one]
    return scripts[0].replace(made, f"CREATE OR REPLACE FUNCTION gridsight.{name}")
