"""Write the page of Python names from `geo.__all__`."""

from __future__ import annotations

import inspect
from collections.abc import Mapping

from sphinx.pycode import ModuleAnalyzer

import geo


def page() -> str:
    """Return what Sphinx makes the entry of every public name of: functions, then classes, then data."""
    names = {name: getattr(geo, name) for name in geo.__all__}
    functions = [name for name, it in names.items() if inspect.isfunction(it)]
    classes = [name for name, it in names.items() if inspect.isclass(it)]
    data = [name for name, it in names.items() if not callable(it)]
    assert len(functions) + len(classes) + len(data) == len(names), "a public name is of none of these kinds"
    return "\n".join(
        [
            *_part("函数 · Functions", [f".. autofunction:: geo.{name}\n" for name in _sorted(functions)]),
            *_part("类 · Classes", [f".. autoclass:: geo.{name}\n   :members:\n" for name in _sorted(classes)]),
            *_part("常量 · Data", [_of_data(name, names[name]) for name in _sorted(data)]),
        ]
    )


def _sorted(names: list[str]) -> list[str]:
    return sorted(names, key=str.lower)


def _part(heading: str, entries: list[str]) -> list[str]:
    return [f"## {heading}", "", "```{eval-rst}", *entries, "```", ""]


def _of_data(name: str, value: object) -> str:
    """Return the entry of a constant: the comment above it, and its value or its keys."""
    comments = ModuleAnalyzer.for_module(f"geo.{geo._HOMES[name]}").find_attr_docs()
    told = " ".join(comments.get(("", name), []))
    shown = "Keys: " + ", ".join(f"``{key}``" for key in value) if isinstance(value, Mapping) else f"``{value!r}``"
    return f".. py:data:: geo.{name}\n\n   {told}\n\n   {shown}\n"
