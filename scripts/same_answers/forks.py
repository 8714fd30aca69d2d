"""Run commands of the program one after another, each in a process of its own forked from one that has loaded it.

A command is what ``python -m api`` would run; loading the packages once saves three seconds a command. Reads one JSON
object a line, ``{args, cwd, env, stdin, stdout, stderr}``, and answers each with its exit code on a line.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import runpy
import sys
import traceback

# No analysis of the demo county takes as long; a command that hangs ends.
_LONGEST_SECONDS = 900


def run(args: list[str]) -> int:
    """Run a command in this process and return its exit code."""
    sys.argv = ["gridsight", *args]
    try:
        runpy.run_module("api", run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return 0


def load() -> None:
    """Load what the commands need, by asking each for its help."""
    with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO(), "utf-8")):
        for name in ("demo", "import", "check", "analyze", "runs", "locate", "map", "print", "serve", "keys"):
            run([name, "--help"])


def forked(task: dict) -> int:
    """Run one command in a forked process and return its exit code."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 3
    try:
        import signal  # noqa: PLC0415 - in the child only

        signal.alarm(_LONGEST_SECONDS)
        for number, name, flags in (
            (0, "stdin", os.O_RDONLY),
            (1, "stdout", os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
            (2, "stderr", os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
        ):
            os.dup2(os.open(task[name], flags, 0o600), number)
        sys.stdin = open(0, "rb", buffering=0, closefd=False)  # noqa: SIM115 - closed with the process
        sys.stdin = io.TextIOWrapper(io.BufferedReader(sys.stdin))
        os.chdir(task["cwd"])
        os.environ.update(task["env"])
        code = run(task["args"])
    except BaseException:  # noqa: BLE001 - told on stderr; the child must end here
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def main() -> None:
    """Answer until the input ends."""
    load()
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        code = forked(json.loads(line))
        answers.write(f"{code}\n")
        answers.flush()


if __name__ == "__main__":
    main()
