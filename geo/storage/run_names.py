"""Check the names and notes that people give to runs, and keep them among the settings of a store."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from geo.errors import BadValue, NotAllowed
from geo.storage.records import Caller

#: What the keys of names begin with, among those of other settings; the id of the run follows.
PREFIX = "run name:"
#: Characters that a name and a note may have.
MAX_NAME, MAX_NOTE = 60, 500


@dataclass(frozen=True)
class RunName:
    """The name of a run and a note on it, as people wrote them; empty for none."""

    name: str
    note: str = ""


def checked_name(given: RunName, caller: Caller) -> RunName:
    """Return a name and note without spaces around them; both empty take the name away.

    Raises
    ------
    NotAllowed
        The caller is no admin.
    BadValue
        One is too long or has characters that are not shown.

    Examples
    --------
    >>> from geo.storage.records import LOCAL
    >>> checked_name(RunName("  spring plan "), LOCAL)
    RunName(name='spring plan', note='')
    """
    if caller.role != "admin":
        raise NotAllowed("给批次命名需要角色 admin", "naming a run needs the role admin")
    found = RunName(given.name.strip(), given.note.strip())
    if len(found.name) > MAX_NAME or len(found.note) > MAX_NOTE:
        raise BadValue(
            f"名称最多 {MAX_NAME} 个字符，备注最多 {MAX_NOTE} 个",
            f"a name has at most {MAX_NAME} characters, a note at most {MAX_NOTE}",
        )
    if not (found.name + found.note.replace("\n", "")).isprintable():
        raise BadValue("名称与备注不能有控制字符", "name and note must not have control characters")
    return found


def name_text(given: RunName) -> str:
    """Return a name as it is stored."""
    return json.dumps(asdict(given), ensure_ascii=False)


def names_in(rows: Iterable[tuple[str, str]]) -> dict[str, RunName]:
    """Return the names in stored rows by the id of their run.

    Examples
    --------
    >>> names_in([("run name:0190", name_text(RunName("spring plan", "before the new bridge")))])
    {'0190': RunName(name='spring plan', note='before the new bridge')}
    """
    return {key.removeprefix(PREFIX): RunName(**json.loads(text)) for key, text in rows}
