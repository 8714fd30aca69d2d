"""Run notebooks and read them as pages of the site.

A notebook is a JSON list of cells of Markdown and Python. Running one needs no more than Python itself: the cells share
one namespace, the last expression of a cell is its result, what it prints is kept. Jupyter's own runner (nbclient with
ipykernel) does the same in another process through sockets, for a dozen packages more, and none of our cells needs what
it adds (magics, widgets). Anybody with Jupyter opens and runs the same files there.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
from pathlib import Path
from typing import Any, NamedTuple


class Cell(NamedTuple):
    """Hold a cell that was run: its kind and source, what it printed, and its last expression's value."""

    kind: str
    source: str
    printed: str = ""
    value: Any = None


class CellError(Exception):
    """A cell of a notebook failed; the message names file and cell."""


def read(path: Path) -> dict[str, Any]:
    """Return a notebook as it stands in its file (nbformat 4)."""
    return json.loads(path.read_text(encoding="utf-8"))


def run(path: Path) -> list[Cell]:
    """Run the cells of a notebook in order, in its folder as Jupyter does; raise CellError at the first that fails."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    out: list[Cell] = []
    cells = read(path)["cells"]
    with contextlib.chdir(path.parent):
        for number, cell in enumerate(cells, start=1):
            source = "".join(cell["source"])
            if cell["cell_type"] != "code":
                out.append(Cell(cell["cell_type"], source))
                continue
            printed = io.StringIO()
            try:
                with contextlib.redirect_stdout(printed):
                    value = _execute(source, f"{path.name}, cell {number}", namespace)
            except Exception as error:
                raise CellError(f"{path.name}, cell {number}: {type(error).__name__}: {error}") from error
            out.append(Cell("code", source, printed.getvalue(), value))
    return out


def _execute(source: str, name: str, namespace: dict[str, Any]) -> Any:
    """Run the statements of a cell; return the value of the last one where it is an expression."""
    tree = ast.parse(source, name)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, name, "exec"), namespace)
    return eval(compile(ast.Expression(last.value), name, "eval"), namespace) if isinstance(last, ast.Expr) else None


def markdown(cells: list[Cell]) -> str:
    """Return a notebook that was run as one Markdown page with what its cells printed and returned."""
    out: list[str] = []
    for cell in cells:
        if cell.kind != "code":
            out += [cell.source, ""]
            continue
        out += ["```python", cell.source, "```", ""]
        if cell.printed:
            out += ["```text", cell.printed.rstrip("\n"), "```", ""]
        out += _shown(cell.value)
    return "\n".join(out)


def _shown(value: Any) -> list[str]:
    """Return a value as Jupyter shows it: as a picture, as a table, else as text."""
    if value is None:
        return []
    for method in ("_repr_svg_", "_repr_html_"):
        if text := getattr(value, method, lambda: None)():
            # Blank lines would end the block of HTML.
            lines = "\n".join(line for line in text.split("\n") if line.strip())
            return ['<div class="cell-output">', lines, "</div>", ""]
    return ["```text", repr(value), "```", ""]
