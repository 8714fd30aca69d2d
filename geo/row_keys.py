"""Name the rows of a frame by their key, else by their position, and know the keys of directions of a camera."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

#: The id of one of several directions: that of the camera, and a number from 1 (``geo.readers.rows.camera_optics``).
DIRECTION_ID = re.compile(r"(?P<camera>.+)(?P<direction>#[1-9]\d*)", re.DOTALL)


def row_keys(frame: pd.DataFrame, field: str) -> np.ndarray:
    """Return the key of each row as text: its value of the field, else its position.

    Examples
    --------
    >>> import pandas as pd
    >>> row_keys(pd.DataFrame({"code": ["7", None]}), "code").tolist()
    ['7', '1']
    """
    keys = np.arange(len(frame)).astype(object)
    if field in frame:
        given = frame[field].notna().to_numpy()
        keys[given] = frame[field].to_numpy(object)[given]
    return np.array([str(one) for one in keys], object)
