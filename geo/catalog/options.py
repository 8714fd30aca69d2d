"""Name the choices and defaults of what people may ask for, for doors and studies alike."""

from __future__ import annotations

#: Height of the target above its ground, in metres.
DEFAULT_TARGET_HEIGHT_M = 1.6
#: Metres within which a point is taken to be known where nobody says (rule L2).
DEFAULT_ACCURACY_M = 20.0
#: What becomes of known keys at import (docs/contract.md section 1).
IMPORT_MODES = ("upsert", "replace", "append")
