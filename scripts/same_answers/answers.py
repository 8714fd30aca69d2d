"""Write answers down, one file each, the question on top and what is no answer replaced."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from scripts.same_answers import contents
from scripts.same_answers.normalise import Normaliser
from scripts.same_answers.program import Done, Reply

#: Headers that are not of the answer, with the reason.
UNTOLD_HEADERS: Mapping[str, str] = {
    "date": "the moment of the answer",
    "x-request-id": "made at random for every request",
    "content-length": "of the body as it was before times and ids were replaced",
    "connection": "of the connection",
    "transfer-encoding": "of the connection",
}


class Answers:
    """Keep the answers of one group of questions in a folder.

    Parameters
    ----------
    out
        The folder of all answers.
    group
        The group's folder in it.
    normalise
        What replaces that which is no answer.
    """

    def __init__(self, out: Path, group: str, normalise: Normaliser) -> None:
        self._out = out
        self.group = group
        self.normalise = normalise

    def write(self, name: str, text: str, *, group: str | None = None) -> None:
        """Write an answer under a name that stays the same from run to run."""
        path = self._out / (group or self.group) / name
        if path.exists():
            raise ValueError(f"two answers are named {path}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.normalise(text).encode("utf-8", "surrogatepass"))

    def command(self, name: str, args: Sequence[str], done: Done, *, group: str | None = None) -> None:
        """Write what a command said."""
        parts = [f"gridsight {' '.join(args)}", f"exit {done.code}", f"--- stdout\n{done.out}"]
        self.write(f"{name}.txt", "\n".join([*parts, f"--- stderr\n{done.err}"]), group=group)

    def reply(self, name: str, method: str, path: str, reply: Reply, *, asked: Mapping[str, str] | None = None) -> None:
        """Write what the service answered."""
        lines = [f"{method} {path}", *(f"> {name}: {value}" for name, value in (asked or {}).items())]
        lines.append(str(reply.status))
        told = (f"{one}: {value}" for one, value in sorted(reply.headers.items()) if one not in UNTOLD_HEADERS)
        self.write(f"{name}.txt", "\n".join([*lines, *told, "", body_text(reply)]))

    def file(self, name: str, path: Path) -> None:
        """Write what a file holds that the program has written."""
        data = path.read_bytes()
        if path.suffix == ".html":
            self.page(name, data.decode())
        elif path.suffix == ".gpkg":
            for table, text in contents.database(path).items():
                self.write(f"{name}/{safe(table)}.txt", text)
        else:
            read = {".xlsx": contents.workbook, ".pdf": contents.sheet}.get(path.suffix, bytes.decode)
            self.write(f"{name}.txt", read(data))

    def page(self, name: str, text: str) -> None:
        """Write the parts of a page that holds its data and its code."""
        for part, content in contents.page(text).items():
            is_code = part == "code.txt"
            self.write(f"{name}/{part}" if not is_code else f"{self.group}/{name}-{part}", content,
                       group="assets" if is_code else None)  # fmt: skip


def body_text(reply: Reply) -> str:
    """Return the body of a reply as text, by its media type."""
    media = reply.headers.get("content-type", "").partition(";")[0]
    if not reply.body:
        return ""
    if reply.body[:15] == b"SQLite format 3":
        return _package(reply.body)
    return _READ.get(media, _plain)(reply.body)


def _package(data: bytes) -> str:
    with tempfile.NamedTemporaryFile(suffix=".gpkg") as file:
        file.write(data)
        file.flush()
        tables = contents.database(Path(file.name))
    return "\n".join(f"=== {name}\n{text}" for name, text in tables.items())


def _page(data: bytes) -> str:
    parts = contents.page(data.decode())
    return "\n".join(f"=== {name}\n{text}" for name, text in parts.items() if name != "code.txt")


def _plain(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")


_READ: Mapping[str, Callable[[bytes], str]] = {
    "application/pdf": contents.sheet,
    "application/vnd.mapbox-vector-tile": contents.tile,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": contents.workbook,
    "text/html": _page,
}


def safe(text: str) -> str:
    """Return a text as a file name."""
    return re.sub(r"[^\w.-]+", "-", text)[:80]
