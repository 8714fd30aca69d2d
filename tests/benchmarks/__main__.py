"""Measure ours beside the named peers in one run and print one table (``make bench``)."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from pathlib import Path

from tests.benchmarks import (
    bench_addresses,
    bench_atlas,
    bench_claims,
    bench_county,
    bench_demo,
    bench_free_text,
    bench_import,
    bench_load,
    bench_locate,
    bench_million,
    bench_page,
    bench_preview,
    bench_reconcile,
    bench_register,
    bench_sheet,
    bench_startup,
    bench_suggest,
    bench_tiles,
    bench_views,
)

ROOT = Path(__file__).resolve().parents[2]
PARTS = {
    "startup": bench_startup.main,
    "views": bench_views.main,
    "county": bench_county.main,
    "claims": bench_claims.main,
    "preview": bench_preview.main,
    "locate": bench_locate.main,
    "addresses": bench_addresses.main,
    "free-text": bench_free_text.main,
    "million": bench_million.main,
    "suggest": bench_suggest.main,
    "sheet": bench_sheet.main,
    "atlas": bench_atlas.main,
    "demo": bench_demo.main,
    "import": bench_import.main,
    "reconcile": bench_reconcile.main,
    "register": bench_register.main,
    "tiles": bench_tiles.main,
    "page": bench_page.main,
    "load": bench_load.main,
}


def machine() -> str:
    """Name the processor, the cores this process may use, and the Python version."""
    cpu = Path("/proc/cpuinfo")
    names = (
        [line.split(":", 1)[1].strip() for line in cpu.read_text().splitlines() if "model name" in line]
        if cpu.exists()
        else []
    )
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{names[0] if names else platform.processor()}, {cores} cores, Python {platform.python_version()}"


def main() -> None:
    """Run the parts asked for, all by default, peers installed first where the machine allows it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="which parts; default all")
    parser.add_argument("--no-peers", action="store_true", help="ours only")
    asked = parser.parse_args()
    if not asked.no_peers:
        subprocess.run(["sh", str(ROOT / "scripts" / "bench_tools.sh")], check=True)
    print(f"machine: {machine()}", flush=True)
    for name in asked.parts or PARTS:
        print(f"\n== {name}", flush=True)
        PARTS[name](["--no-peers"] if asked.no_peers else [])
    sys.stdout.flush()


if __name__ == "__main__":
    main()
