"""Write the page of commands from the command line itself: what ``--help`` says, as headings and tables."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import click

from api.cli import COMMANDS, gridsight


def page() -> str:
    """Return one section for each command and subcommand."""
    out: list[str] = []
    for name in COMMANDS:
        command = gridsight.get_command(click.Context(gridsight), name)
        assert command is not None
        for path, one in _with_subcommands(f"gridsight {name}", command):
            out += _section(path, one)
    return "\n".join(out)


def _with_subcommands(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        for name, one in command.commands.items():
            yield from _with_subcommands(f"{path} {name}", one)


def _section(path: str, command: click.Command) -> list[str]:
    out = [f"## `{path}`", ""]
    for paragraph in re.split(r"\n\s*\n", inspect.cleandoc(command.help or "")):
        # \b marks lines that click does not join: examples.
        if paragraph.startswith("\b"):
            out += ["```sh", paragraph.removeprefix("\b").strip("\n"), "```", ""]
        else:
            out += [_plain(" ".join(paragraph.split())), ""]
    context = click.Context(command, info_name=path)
    out += ["```", *(line.strip() for line in command.get_usage(context).split("\n")), "```", ""]
    # Older releases of click, within our bounds, tell of groups' options otherwise; records are the same in all.
    options = [record for param in command.get_params(context) if (record := param.get_help_record(context))]
    if options:
        out += ["| 选项 option | 含义 meaning |", "|---|---|"]
        out += [f"| `{names.replace('|', chr(92) + '|')}` | {_plain(what)} |" for names, what in options]
        out.append("")
    return out


def _plain(text: str) -> str:
    """Return a text of the command line as Markdown: nothing in it is markup."""
    return re.sub(r"([\\`*_<>|\[\]{}])", r"\\\1", text)
