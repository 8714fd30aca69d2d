"""Hold a planner to each code of a cell that names several, as the divisions that a facility serves."""

from __future__ import annotations

from migrations.parts_20261129 import names
from migrations.steps import run

_SINGLE = "unnest(ARRAY[%s])) AS word FROM %s s) c"
_LIST = "regexp_split_to_table(unnest(ARRAY[%s]), ''[;；,，、[:space:]]+'')) AS word FROM %s s) c"


def read_lists() -> None:
    """Make the function that refuses foreign codes anew: it looks at every code in a cell."""
    before = names.renewed_function("within()")
    if _SINGLE not in before:
        raise LookupError(_SINGLE)
    run(before.replace(_SINGLE, _LIST))


def read_single_codes() -> None:
    """Put the function back as it was."""
    run(names.renewed_function("within()"))
