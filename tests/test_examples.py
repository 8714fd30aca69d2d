"""Run every example of the engine's docstrings, and require one of each public name."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any

import pytest

import geo
from geo.errors import GeoError

#: Packages and modules of geo whose public functions and classes all have an example.
ENGINE = ("assessment", "bounds", "crs", "errors", "files", "overlay", "parallel", "places", "types", "visibility")
#: Private modules have tests; types of results have the example of the function that returns them.
_RESULTS = {
    "BorderDistances", "Causes", "DissolvedFaces", "LineOfSightResult", "Optics", "Placement", "PolygonRings",
    "SmallPieces",
}  # fmt: skip


def modules() -> list[str]:
    """Return the names of all modules of geo but the one that runs when it is imported as a program."""
    return sorted(one.name for one in pkgutil.walk_packages(geo.__path__, "geo.") if not one.name.endswith("__main__"))


@cache
def sources_of_the_engine() -> list[str]:
    """Return the lines of all examples of the engine."""
    found = [importlib.import_module(module) for module in modules() if is_of_the_engine(module)]
    tests = [test for module in found for test in doctest.DocTestFinder().find(module)]
    return [one.source for test in tests for one in test.examples]


@pytest.mark.parametrize("name", modules())
def test_examples_of_the_docstrings_run(name: str) -> None:
    module = importlib.import_module(name)
    runner = doctest.DocTestRunner(verbose=False)
    report: list[str] = []
    for test in doctest.DocTestFinder().find(module):
        runner.run(test, out=report.append)
    assert runner.summarize(verbose=False).failed == 0, "".join(report)


@pytest.mark.parametrize("name", geo.__all__)
def test_each_stable_name_has_an_example(name: str) -> None:
    """A class or a function in its own docstring; a constant in that of any function."""
    value = getattr(geo, name)
    if callable(value):
        assert ">>>" in (inspect.getdoc(value) or ""), name
        return
    assert any(name in source and "import" not in source for source in sources_of_the_engine()), name


def is_of_the_engine(module: str) -> bool:
    """Return whether a module is one whose public names all have an example."""
    path = module.split(".")[1:]
    return path[0].split("_")[0] in ENGINE and not any(part.startswith("_") for part in path)


def public_names(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """Yield the public functions and classes that a module defines itself."""
    for name, value in vars(module).items():
        is_own = getattr(value, "__module__", None) == module.__name__
        if callable(value) and is_own and not name.startswith("_") and name not in _RESULTS:
            yield name, value


@pytest.mark.parametrize("name", [name for name in modules() if is_of_the_engine(name)])
def test_each_public_name_of_the_engine_has_an_example(name: str) -> None:
    without = [
        public
        for public, value in public_names(importlib.import_module(name))
        if ">>>" not in (inspect.getdoc(value) or "") and not is_an_error(value)
    ]
    assert without == []


def is_an_error(value: Any) -> bool:
    """Return whether a class is an error: its docstring is its meaning, the base class has the example."""
    return inspect.isclass(value) and issubclass(value, GeoError) and value is not GeoError
