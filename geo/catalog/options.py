"""Name the choices and defaults of what people may ask for, for command line, HTTP and studies alike."""

from __future__ import annotations

from typing import Literal, get_args

#: Height of the target above its ground, in metres.
DEFAULT_TARGET_HEIGHT_M = 1.6
#: Metres within which a point is taken to be known where nobody says (rule L2).
DEFAULT_ACCURACY_M = 20.0
#: The most that may be said.
MAX_ACCURACY_M = 100_000.0
#: What becomes of known keys at import (docs/contract.md section 1).
ImportMode = Literal["upsert", "replace", "append"]
IMPORT_MODES: tuple[ImportMode, ...] = get_args(ImportMode)
#: Rows of a sheet, beyond which no heading lies.
MAX_SHEET_ROWS = 1 << 20

#: Layers whose rows can be divided into grids (of ``divisions`` the villages, of ``grids`` microgrids are made), and
#: layers whose rows carry the households (rule V2).
DIVIDED = ("villages", "divisions", "grids")
CARRIERS = ("obstacles", "addresses")
