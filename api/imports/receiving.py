"""Receive files from requests without holding them in memory, and keep the folder of waiting imports in order."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import BinaryIO

from anyio import to_thread

from api.imports.file_names import safe_name
from api.imports.multipart import OneFileForm
from api.imports.room import SpoolLimits
from api.imports.spool import Incoming, Spool
from api.problems import BadBody, BadQuery, BodyTooLarge
from api.settings import Settings

_log = logging.getLogger("gridsight")
#: Bytes that are gathered before they are written, and seconds between two looks for what has expired.
_CHUNK, _SWEEP_SECONDS = 1 << 20, 60.0


def spool_of(settings: Settings, store: str) -> Spool:
    """Return the spool of a service: that of the settings, else one of its user and its store."""
    limits = SpoolLimits(
        per_caller=settings.imports_per_caller,
        in_all=settings.imports_waiting,
        bytes_per_caller=settings.import_bytes_per_caller,
        bytes_in_all=settings.import_bytes_waiting,
    )
    user = os.getuid() if hasattr(os, "getuid") else "user"
    named = hashlib.sha256(store.encode()).hexdigest()[:16]
    folder = settings.import_folder or Path(tempfile.gettempdir()) / f"gridsight-imports-{user}-{named}"
    return Spool(folder, limits)


async def keep_swept(spool: Spool) -> None:
    """Remove what has expired, now and every minute, until cancelled."""
    while True:
        try:
            await to_thread.run_sync(spool.sweep)
        except OSError as error:
            _log.warning("waiting imports cannot be swept: %s", error)
        await asyncio.sleep(_SWEEP_SECONDS)


async def receive(
    body: AsyncIterator[bytes],
    content_type: str,
    filename: str | None,
    *,
    max_bytes: int,
    reserve: Callable[[str], Incoming],
) -> Incoming:
    """Write the file of a request to the spool as it arrives.

    Parameters
    ----------
    body
        The chunks of the body.
    content_type
        ``multipart/form-data`` with one file, or anything else for the file itself.
    filename
        Name of the file; that of the form where it is None.
    reserve
        Makes room for a file of a name.

    Raises
    ------
    BadQuery
        The file has no usable name.
    BadBody
        The form cannot be read, or there is nothing in the body.
    BodyTooLarge
        The file is larger than ``max_bytes``.
    """
    form = OneFileForm(content_type) if content_type.lower().startswith("multipart/form-data") else None
    incoming: Incoming | None = None
    file: BinaryIO | None = None
    size = 0
    held = bytearray()
    try:
        async for chunk in body:
            held += chunk if form is None else form.feed(chunk)
            name = filename or (form.filename if form is not None else "")
            if incoming is None and (name or form is None):
                incoming = await to_thread.run_sync(reserve, safe_name(_named(name)))
                file = await to_thread.run_sync(lambda path: path.open("xb"), incoming.path)
            if len(held) >= _CHUNK and file is not None:
                size = _checked_size(size + len(held), max_bytes)
                await to_thread.run_sync(file.write, bytes(held))
                held.clear()
        if form is not None and not form.is_complete:
            raise BadBody("multipart 内容不完整", "the multipart body is incomplete")
        if incoming is None or file is None or not size + len(held):
            raise BadBody("没有收到文件", "no file has arrived")
        _checked_size(size + len(held), max_bytes)
        await to_thread.run_sync(file.write, bytes(held))
        await to_thread.run_sync(file.close)
    except BaseException:
        if file is not None:
            file.close()
        if incoming is not None:
            incoming.close()
        raise
    return incoming


def _named(name: str) -> str:
    if not name:
        raise BadQuery("请用 filename 写明文件名", "name the file with filename")
    return name


def _checked_size(size: int, most: int) -> int:
    if size > most:
        raise BodyTooLarge(f"文件超过 {most:,} 字节", f"the file is larger than {most:,} bytes")
    return size
