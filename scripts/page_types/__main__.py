"""Check the page's scripts against ``page.d.ts`` with TypeScript, whose compiler and libraries lie beside this file.

TypeScript 5.9.3 (Apache-2.0, licence in the archive) is committed as an archive of what the check needs, and run by the
node that Playwright's wheel brings for its driver, both fixed by the lock: nothing is fetched, and neither users nor
tests need node.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import playwright

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
ARCHIVE = HERE / "typescript-5.9.3.tar.xz"
SHA256 = "5d80aad183e3acf25e085fd7dcdbee3c94204a3730328a5d001a6bcc79687a95"
APP = ROOT / "maps" / "static" / "app"
#: The oldest language that the page is written in, so that browsers of 2020 read it.
OPTIONS = {
    "allowJs": True, "checkJs": True, "noEmit": True, "target": "es2020", "lib": ["es2020", "dom", "dom.iterable"],
    "strict": False, "types": [], "skipLibCheck": True,
}  # fmt: skip


def node() -> Path:
    """Return the node of Playwright's wheel."""
    folder = Path(playwright.__file__).resolve().parent / "driver"
    return folder / ("node.exe" if sys.platform == "win32" else "node")


def main() -> int:
    """Print what is wrong, and return 0 where nothing is."""
    if hashlib.sha256(ARCHIVE.read_bytes()).hexdigest() != SHA256:
        print(f"{ARCHIVE.name} is not the archive that was committed")
        return 1
    with tempfile.TemporaryDirectory(prefix="page-types") as name:
        folder = Path(name)
        with tarfile.open(ARCHIVE) as archive:
            archive.extractall(folder, filter="data")
        files = [*map(str, sorted(APP.glob("*.js"))), str(HERE / "page.d.ts")]
        (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": OPTIONS, "files": files}))
        command = [str(node()), str(folder / "slim" / "lib" / "tsc.js"), "-p", str(folder), "--pretty", "false"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.stdout or done.stderr:
        print(done.stdout + done.stderr)
    return 1 if done.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
