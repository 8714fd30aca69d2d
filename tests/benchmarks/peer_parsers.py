"""Run one peer over address texts, in the peers' own environment: JSON texts in, names of five levels out."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Callable


def jionlp() -> Callable[[list[str]], list[list[str | None]]]:
    """Return JioNLP's parser with its dictionary of townships and villages, loaded."""
    import jionlp as jio

    names = ("province", "city", "county", "town", "village")

    def parse(texts: list[str]) -> list[list[str | None]]:
        found = []
        for text in texts:
            try:
                said = jio.parse_location(text, town_village=True)
            except Exception:  # noqa: BLE001 (it raises KeyError on some texts, its issue 213: no answer)
                said = {}
            found.append([said.get(name) for name in names])
        return found

    parse(["北京市东城区"])
    return parse


def cpca() -> Callable[[list[str]], list[list[str | None]]]:
    """Return cpca's transform, which knows three levels, loaded."""
    import cpca as parser

    def parse(texts: list[str]) -> list[list[str | None]]:
        table = parser.transform(texts)
        rows = table[["省", "市", "区"]].astype(object).to_numpy().tolist()
        return [[name if isinstance(name, str) and name else None for name in row] + [None, None] for row in rows]

    parse(["北京市东城区"])
    return parse


def main() -> None:
    """Read texts from the standard input, print names and seconds of the processor; what peers print goes aside."""
    texts = json.load(sys.stdin)
    with contextlib.redirect_stdout(sys.stderr):
        parse = {"jionlp": jionlp, "cpca": cpca}[sys.argv[1]]()
        begun = time.process_time()
        names = parse(texts)
        spent = time.process_time() - begun
    json.dump({"names": names, "seconds": spent}, sys.stdout)


if __name__ == "__main__":
    main()
