"""Run one job in a process of its own, as a worker starts it: ``python -m api.job_process``."""

from __future__ import annotations

import sys

from api.jobs import child_process
from api.representations.printed_jobs import drawing

if __name__ == "__main__":
    sys.exit(child_process.main(drawing))
