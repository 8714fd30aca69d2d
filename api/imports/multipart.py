"""Take the one file out of a multipart/form-data body while it arrives (RFC 7578), never holding more than a chunk."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from api.problems import BadBody

#: Bytes of the head of a part, and of what may come before the first one.
_MAX_HEAD = 8_192
_BOUNDARY = re.compile(r'boundary=(?:"([^"]{1,70})"|([^\s;,"]{1,70}))', re.IGNORECASE)
_NAME = re.compile(rb'[;\s]filename="((?:[^"\\\r\n]|\\.)*)"', re.IGNORECASE)
_EXTENDED_NAME = re.compile(rb"[;\s]filename\*=utf-8''([^\s;]+)", re.IGNORECASE)


class OneFileForm:
    r"""Push parser: ``feed`` returns the bytes of the file that a chunk of the body brings.

    Parameters
    ----------
    content_type
        The header of the request.

    Attributes
    ----------
    filename
        As the sender gave it, empty until its part has begun.

    Examples
    --------
    >>> form = OneFileForm("multipart/form-data; boundary=x")
    >>> head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    >>> form.feed(head + b"id,lon"), form.feed(b",lat\r"), form.feed(b"\n\r\n--x--\r\n")
    (b'i', b'd,lon', b',lat\r\n')
    >>> form.filename, form.is_complete
    ('a.csv', True)
    """

    def __init__(self, content_type: str) -> None:
        found = _BOUNDARY.search(content_type)
        if found is None:
            raise BadBody("multipart 缺少 boundary", "multipart/form-data needs its boundary")
        self._mark = b"\r\n--" + (found[1] or found[2]).encode("latin-1", "replace")
        self._held = b"\r\n"  # the first boundary stands at the beginning of a line, which here is the body's
        self._state = "before"
        self.filename = ""

    @property
    def is_complete(self) -> bool:
        """Return whether the end of the form was seen, and in it a file."""
        return self._state == "end"

    def feed(self, chunk: bytes) -> bytes:
        """Return what the chunk brings of the file; raise BadBody where the body is no form with one file."""
        if self._state == "end":
            return b""
        self._held += chunk
        out = b""
        if self._state == "before" and self._after_boundary():
            self._state = "head"
        if self._state == "head":
            self._read_head()
        if self._state == "file":
            out = self._file_bytes()
        if self._state == "after":
            self._read_end()
        return out

    def _after_boundary(self) -> bool:
        """Drop all up to the end of the line of the first boundary, once that is here."""
        at = self._held.find(self._mark)
        end = self._held.find(b"\r\n", at + len(self._mark)) if at >= 0 else -1
        if end < 0:
            self._require_short()
            return False
        if self._held[at + len(self._mark) : end].strip():
            raise BadBody("multipart 里没有文件", "the form holds no file")
        self._held = self._held[end + 2 :]
        return True

    def _read_head(self) -> None:
        end = self._held.find(b"\r\n\r\n")
        if end < 0:
            self._require_short()
            return
        if end > _MAX_HEAD:
            raise _no_form_error()
        head, self._held = self._held[:end], b"\r\n" + self._held[end + 4 :]
        line = next((one for one in head.split(b"\r\n") if one.lower().startswith(b"content-disposition:")), b"")
        extended, plain = _EXTENDED_NAME.search(line), _NAME.search(line)
        if extended is not None:
            self.filename = unquote_to_bytes(extended[1]).decode("utf-8", "replace")
        elif plain is not None:
            self.filename = plain[1].decode("utf-8", "replace").replace('\\"', '"').replace("%22", '"')
        if not self.filename:
            raise BadBody(
                "表单里只放一个文件；选项写在地址里", "the form holds one file only; the options are in the URL"
            )
        self._state = "file"
        self._first = True

    def _file_bytes(self) -> bytes:
        """Return the bytes that are certainly of the file: not those that may begin a boundary."""
        at = self._held.find(self._mark)
        keep = len(self._held) - len(self._mark) if at < 0 else at
        if at < 0 and keep < 2:
            return b""
        out, self._held = self._held[:keep], self._held[keep:]
        if self._first:  # the line break in front, put there so that an empty file has a boundary too
            out, self._first = out[2:], False
        if at >= 0:
            self._held = self._held[len(self._mark) :]
            self._state = "after"
        return out

    def _read_end(self) -> None:
        if len(self._held) < 2:
            return
        if not self._held.startswith(b"--"):
            raise BadBody(
                "表单里只放一个文件；选项写在地址里", "the form holds one file only; the options are in the URL"
            )
        self._state = "end"
        self._held = b""

    def _require_short(self) -> None:
        if len(self._held) > _MAX_HEAD:
            raise _no_form_error()


def _no_form_error() -> BadBody:
    return BadBody("multipart 内容无法读取", "the multipart body cannot be read")
