"""Write the output of a command: one JSON object or plain lines on stdout, progress on stderr at a terminal."""

from __future__ import annotations

import functools
import shutil
import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from api.language import from_environment
from geo.errors import BadValue, GeoError
from geo.figure_text import plain_figure
from geo.sentences import in_language

if TYPE_CHECKING:
    from api.settings import Settings
    from geo.storage.protocol import Store


class Console:
    """Output of one command, in one language."""

    def __init__(self, *, as_json: bool, workspace: Path | None = None, database: str | None = None) -> None:
        from api.settings import Settings

        self.as_json = as_json
        self.settings = Settings.read()
        self.lang = from_environment()
        self.workspace = workspace
        self.database = database
        self._store_name: str | None = None
        self._is_drawing = False

    @contextmanager
    def store(self, *, create: bool = False, has_log: bool = False) -> Iterator[Store]:
        """Open the store of this command and close it after; a file created by a command that fails is removed.

        Parameters
        ----------
        create
            Whether a workspace file may be created.
        has_log
            Whether the command writes upgrades of the file to its log, so that no note tells them.
        """
        with opened_store(self.settings, self.store_location(), create=create) as store:
            self._store_name = store.name
            if not has_log:
                self.print_upgrades(store)
            yield store

    def print_upgrades(self, store: Store) -> None:
        """Print on stderr what was done to the workspace file of an earlier version when it was opened."""
        from api.open_store import upgrades_of

        for text in upgrades_of(store):
            zh, en = (in_language(text, lang) for lang in ("zh", "en"))
            self.print_note(f"已升级工作区 {store.name}：{zh}", f"upgraded the workspace {store.name}: {en}")

    def index_folder(self, store: Store) -> Path | None:
        """Return where indexes of addresses are kept: those of a database are the service's, whose rights differ."""
        from api.open_store import index_folder, is_server_mode

        return None if is_server_mode(store) else index_folder(self.settings, store)

    def store_location(self) -> Path | str:
        """Return the workspace file or the database URL that this command works on."""
        from api.open_store import store_location

        return store_location(self.settings, self.workspace, self.database)

    def require_not_store(self, *written: Path | None) -> None:
        """Raise BadValue where a result would be written over the workspace file that this command works on."""
        from geo.files import require_other_file

        location = self.store_location()
        if isinstance(location, Path):
            for path in written:
                if path is not None:
                    require_other_file(path, location)

    def require_possible_file(self, path: Path) -> None:
        """Raise where a result cannot be written to a path, before the work that it takes."""
        from geo.files import require_writable

        self.require_not_store(path)
        require_writable(path)

    def progress(self, what: str, share: float) -> None:
        """Draw progress on stderr when that is a terminal."""
        if sys.stderr is None or not sys.stderr.isatty():  # None where the process began with stderr closed
            return
        filled = round(20 * min(max(share, 0.0), 1.0))
        click.echo(f"\r\x1b[K[{'#' * filled}{'.' * (20 - filled)}] {in_language(what, self.lang)}", err=True, nl=False)
        self._is_drawing = True

    def print(self, zh: str, en: str) -> None:
        """Print a line; with --json nothing."""
        self._end_progress()
        if not self.as_json:
            click.echo(en if self.lang == "en" else zh)

    def print_note(self, zh: str, en: str) -> None:
        """Print a line on stderr, apart from the results."""
        self._end_progress()
        click.echo(en if self.lang == "en" else zh, err=True)

    def print_json(self, value: Mapping[str, Any]) -> None:
        """Print the result as the one JSON object, with the store used; without --json nothing."""
        self._end_progress()
        if self.as_json:
            from api.representations.json_text import dumps

            used = {"store": self._store_name} if self._store_name is not None else {}
            click.echo(dumps({**used, **value}).decode())

    def print_table(self, rows: Sequence[Mapping[str, Any]], columns: Mapping[str, tuple[str, str]]) -> None:
        """Print rows as an aligned table; `columns` is key -> (Chinese, English) heading. With --json nothing."""
        self._end_progress()
        if self.as_json:
            return
        head = [pair[self.lang == "en"] for pair in columns.values()]
        body = [[_cell(row.get(key), is_share=key.endswith("_share")) for key in columns] for row in rows]
        widths = [max(_width(line[k]) for line in [head, *body]) for k in range(len(head))]
        for line in [head, *body]:
            cells = [cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)]
            click.echo("  ".join(cells).rstrip())

    def _end_progress(self) -> None:
        if self._is_drawing:
            click.echo("\r\x1b[K", err=True, nl=False)
            self._is_drawing = False


@contextmanager
def opened_store(settings: Settings, location: Path | str, *, create: bool = False) -> Iterator[Store]:
    """Open the store at a location; a file created for a command that then fails is removed."""
    from api.open_store import open_configured_store

    if isinstance(location, str):
        with closing(open_configured_store(settings, database=location)) as store:
            yield store
        return
    is_new = create and not location.exists()
    opened: Store | None = None
    try:
        opened = open_configured_store(settings, workspace=location, create=create)
        with closing(opened):
            yield opened
    except BaseException as error:
        # A store that refuses to open may be one that another program is creating: that file stays.
        if is_new and (opened is not None or not isinstance(error, GeoError)):
            for suffix in ("", "-wal", "-shm", "-journal"):
                Path(f"{location}{suffix}").unlink(missing_ok=True)
        raise


def time_in_zone(moment: str | datetime | None, zone: str) -> str | None:
    """Return a moment as people read it: date and time in the zone of the store, with its offset; None for None.

    The day of a moment is then the day that the store dates it, on whichever machine it is read. JSON keeps UTC in
    ISO 8601; only the texts of the command line are in that zone.

    Examples
    --------
    >>> time_in_zone("2026-11-27T20:10:16Z", "Asia/Shanghai")
    '2026-11-28 04:10:16 +08:00'
    """
    if not moment:
        return None
    when = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    text = when.astimezone(ZoneInfo(zone)).isoformat(sep=" ", timespec="seconds")
    return f"{text[:19]} {text[19:]}"


def program() -> str:
    """Return the words that start this program again: `gridsight` where the shell finds it, else its path."""
    called = Path(sys.argv[0])
    if called.stem != "gridsight":
        return "python -m api"
    found = shutil.which("gridsight")
    if found is not None and Path(found).resolve() == called.resolve():
        return "gridsight"
    inside = called.resolve().is_relative_to(Path.cwd())
    return str(called.resolve().relative_to(Path.cwd()) if inside else called)


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


def suffix_among(out: Path, suffixes: Sequence[str]) -> str:
    """Return the suffix of a file to be written; raise BadValue where it is none of these."""
    suffix = out.suffix.lower()
    if suffix not in suffixes:
        listed = " ".join(suffixes)
        raise BadValue(f"{out} 的后缀应是 {listed} 之一", f"the suffix of {out} should be one of {listed}")
    return suffix


def store_options(function: Callable[..., int | None]) -> Callable[..., int | None]:
    """Give a command `--workspace`, `--database` and `--json`, and a Console as its first argument."""

    @_JSON
    @_DATABASE
    @_WORKSPACE
    @functools.wraps(function)
    def wrapped(*args: Any, as_json: bool, workspace: Path | None, database: str | None, **options: Any) -> int | None:
        return function(Console(as_json=as_json, workspace=workspace, database=database), *args, **options)

    return wrapped


def database_options(function: Callable[..., int | None]) -> Callable[..., int | None]:
    """Give a command that maintains the server `--database` and `--json`, and a Console as its first argument."""

    @_JSON
    @_DATABASE
    @functools.wraps(function)
    def wrapped(*args: Any, as_json: bool, database: str | None, **options: Any) -> int | None:
        return function(Console(as_json=as_json, database=database), *args, **options)

    return wrapped


def json_option(function: Callable[..., int | None]) -> Callable[..., int | None]:
    """Give a command that opens no store `--json`, and a Console as its first argument."""

    @_JSON
    @functools.wraps(function)
    def wrapped(*args: Any, as_json: bool, **options: Any) -> int | None:
        return function(Console(as_json=as_json), *args, **options)

    return wrapped


def _cell(value: Any, *, is_share: bool = False) -> str:
    if value is None:
        return "-"
    if not isinstance(value, float):
        return str(value)
    if is_share and 0.9995 <= value < 1:  # nothing but 1 reads so
        return ">0.999"
    return plain_figure(value, 3 if abs(value) < 10 else 1)


def _width(text: str) -> int:
    """Return how many columns a text takes in a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
