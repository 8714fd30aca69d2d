"""Talk to whoever runs a command: one JSON object or plain lines on stdout, progress on stderr at a terminal."""

from __future__ import annotations

import functools
import os
import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from api.language import in_language
from api.open_store import open_configured_store, store_location
from api.representations import responses
from api.settings import Settings
from geo.storage.protocol import Store


def language() -> str:
    """Return the language of the command line: GRIDSIGHT_LANG, Chinese unless it says English."""
    return "en" if os.environ.get("GRIDSIGHT_LANG", "").lower().startswith("en") else "zh"


class Console:
    """Say what a command does and found, in one language."""

    def __init__(self, *, as_json: bool, workspace: Path | None = None, database: str | None = None) -> None:
        self.as_json = as_json
        self.settings = Settings.read()
        self.lang = language()
        self.workspace = workspace
        self.database = database
        self._store_name: str | None = None
        self._drawing = False

    @contextmanager
    def store(self, *, create: bool = False) -> Iterator[Store]:
        """Open the store of this command, and close it after; one made for a command that fails is taken away again."""
        place = store_location(self.settings, self.workspace, self.database)
        with opened(self.settings, place, create=create) as store:
            self._store_name = store.name
            yield store

    def progress(self, what: str, share: float) -> None:
        """Draw progress on stderr when that is a terminal."""
        if not sys.stderr.isatty():
            return
        filled = round(20 * min(max(share, 0.0), 1.0))
        click.echo(f"\r\x1b[K[{'#' * filled}{'.' * (20 - filled)}] {in_language(what, self.lang)}", err=True, nl=False)
        self._drawing = True

    def say(self, zh: str, en: str) -> None:
        """Say a line to people; with --json nothing."""
        self._settle()
        if not self.as_json:
            click.echo(en if self.lang == "en" else zh)

    def note(self, zh: str, en: str) -> None:
        """Say a line on stderr, where it is out of the way of results."""
        self._settle()
        click.echo(en if self.lang == "en" else zh, err=True)

    def result(self, value: Mapping[str, Any]) -> None:
        """Give the result as the one JSON object, the store used in it; without --json nothing."""
        self._settle()
        if self.as_json:
            used = {"store": self._store_name} if self._store_name is not None else {}
            click.echo(responses.dumps({**used, **value}).decode())

    def table(self, rows: Sequence[Mapping[str, Any]], columns: Mapping[str, tuple[str, str]]) -> None:
        """Write rows as an aligned table; `columns` is key -> (Chinese, English) heading. With --json nothing."""
        self._settle()
        if self.as_json:
            return
        head = [pair[self.lang == "en"] for pair in columns.values()]
        body = [[_cell(row.get(key)) for key in columns] for row in rows]
        widths = [max(_width(line[k]) for line in [head, *body]) for k in range(len(head))]
        for line in [head, *body]:
            cells = [cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)]
            click.echo("  ".join(cells).rstrip())

    def _settle(self) -> None:
        if self._drawing:
            click.echo("\r\x1b[K", err=True, nl=False)
            self._drawing = False


@contextmanager
def opened(settings: Settings, place: Path | str, *, create: bool = False) -> Iterator[Store]:
    """Open the store at a place; a file made for what then fails is taken away again."""
    if isinstance(place, str):
        store = open_configured_store(settings, database=place)
        fresh = False
    else:
        fresh = not place.exists()
        store = open_configured_store(settings, workspace=place, create=create)
    try:
        yield store
    except BaseException:
        store.close()
        if fresh:
            for suffix in ("", "-wal", "-shm", "-journal"):
                Path(f"{place}{suffix}").unlink(missing_ok=True)
        raise
    else:
        store.close()


_JSON = click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象 / write one JSON object")
_WORKSPACE = click.option(
    "--workspace",
    type=click.Path(path_type=Path, dir_okay=False),
    help="工作区文件 / the workspace file (GRIDSIGHT_WORKSPACE, ./workspace.gpkg)",
)
_DATABASE = click.option(
    "--database",
    metavar="URL",
    help="服务器库 / the server store: postgresql://LOGIN@HOST/DATABASE (GRIDSIGHT_DATABASE_URL)",
)


def desk(function: Callable[..., int | None]) -> Callable[..., int | None]:
    """Give a command `--workspace`, `--database` and `--json`, and a Console as its first argument."""

    @_JSON
    @_DATABASE
    @_WORKSPACE
    @functools.wraps(function)
    def wrapped(*args: Any, as_json: bool, workspace: Path | None, database: str | None, **options: Any) -> int | None:
        return function(Console(as_json=as_json, workspace=workspace, database=database), *args, **options)

    return wrapped


def operator(function: Callable[..., int | None]) -> Callable[..., int | None]:
    """Give a command of the server's upkeep `--database` and `--json`, and a Console as its first argument."""

    @_JSON
    @_DATABASE
    @functools.wraps(function)
    def wrapped(*args: Any, as_json: bool, database: str | None, **options: Any) -> int | None:
        return function(Console(as_json=as_json, database=database), *args, **options)

    return wrapped


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.3f}" if abs(value) < 10 else f"{value:,.1f}"
    return str(value)


def _width(text: str) -> int:
    """Return how many columns a text takes in a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
