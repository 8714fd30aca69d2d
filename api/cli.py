"""Run the command line: one command a user question, exit codes 0 done, 1 done with findings, 2 not done."""

from __future__ import annotations

import importlib
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TextIO

import click

from api.language import from_environment
from api.usage_words import usage_sentence

#: Command -> module of `api.commands`, and what it is for; modules load when their command is asked for.
COMMANDS: Mapping[str, tuple[str, str]] = {
    "demo": ("demo", "画虚构县并走完全程 / draw a fictional county and do everything with it"),
    "import": ("import_layer", "导入一个文件到一个图层 / import a file into a layer"),
    "reconcile": ("reconcile", "把另一份摄像机清单与库配对 / pair another list of cameras with the store"),
    "places": ("places", "由道路和部位派生路口、路段、周边、大门 / derive places from roads and places"),
    "template": ("export", "写填报模板 / write the workbook that a layer is collected in"),
    "export": ("export", "把图层或结果写成文件 / write a layer or a result as a file"),
    "check": ("check", "检查数据 / check the layers"),
    "analyze": ("analyze", "计算覆盖与盲区 / compute coverage and gaps"),
    "runs": ("runs", "列出分析批次 / list the runs"),
    "publish": ("runs", "发布一个批次 / publish a run: what everybody sees"),
    "gaps": ("runs", "按排名列出盲区 / list the gaps by rank"),
    "claims": ("claims", "哪些覆盖声明成立，哪些部位没有看到 / which claims hold, and which places are not seen"),
    "ledger": ("ledger", "自有区域列入之前、期间、撤销之后的指标 / an own zone before, during and after its listing"),
    "rates": ("claims", "各乡镇与全县的比率，分子分母并列 / rates by township and for the county"),
    "unknowns": ("unknowns", "哪些未知的值最值得核实；写核实表 / which unknown values are worth measuring; their form"),
    "outage": ("runs", "若这些点位停用 / what an outage of sites would cost"),
    "compare": ("runs", "比较两个批次 / compare two runs"),
    "verify": ("verify", "核对报告中关于地点的数字与声明 / check what a report says of places"),
    "reach": ("reach", "到最近设施的道路距离 / how far the nearest facility is by road"),
    "patrol": ("patrolling", "巡查片与各圈 / sectors and rounds of what no camera sees"),
    "locate": ("locate", "地址或点归哪个网格 / which grid owns an address or a point"),
    "divide": ("divide", "把村（社区）划成网格 / divide villages into grids"),
    "code": ("code", "按编码规则给网格编代码 / give grids codes by a profile"),
    "overlay-zones": ("overlay_zones", "几个部门的区域对照 / zones of two offices compared"),
    "boundaries": ("boundaries", "网格四至 / borders of grids in words"),
    "crosswalk": ("crosswalk", "旧代码对今代码，表格换成今天的代码 / old codes of grids and those of today"),
    "grids": ("grid_drafts", "拟定、批准、撤回网格的变动 / draft, approve and withdraw changes of grids"),
    "map": ("map_and_print", "写单文件地图 / write a one-file map"),
    "print": ("map_and_print", "写矢量图纸 PDF / write a vector sheet"),
    "report": ("report", "写报告：PDF 与 XLSX / write the report: pages to sign and a workbook"),
    "basemap": ("basemap", "添加、列出、核对、删除自有底图 / add, list, check and remove base maps of your own"),
    "time-zone": ("time_zone", "显示或设定库的时区 / show or set the time zone of the store"),
    "db": ("db", "升级、备份、恢复、搬移服务器库 / upgrade, back up, restore, move the server database"),
    "worker": ("worker", "在服务器上逐个执行排队的分析 / work through the queue of analyses"),
    "keys": ("keys", "创建、列出、撤销接口密钥 / make, list and revoke API keys"),
    "audit": ("audit", "谁做过什么（服务器库） / who did what, on a server store"),
    "serve": ("serve", "提供网页与接口 / serve the page and the API"),
}

#: What may stand for an argument or option that is missing.
_HINTS = {
    "RUN": "批次编号或 latest，gridsight runs 列出批次 / id of a run or latest; gridsight runs lists them",
    "--kind": "设施类型，如 综治中心、派出所 / kind of facility, such as governance_centre",
}

#: What click raises for a group without a command; before 8.2 it printed the help itself.
_NO_WORDS = getattr(click.exceptions, "NoArgsIsHelpError", ())


class _OutputClosed(Exception):
    """Whoever read the output has closed it (`| head`)."""


class Commands(click.Group):
    """Load a command's module when the command is run or its help is read; the list of commands loads none."""

    def make_context(self, *args: Any, **options: Any) -> click.Context:
        """Read the words, as --help does that writes at once."""
        with _telling_closed_output():
            return super().make_context(*args, **options)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with _telling_closed_output():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the commands in the order people use them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return a command, None for one that there is not."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"api.commands.{COMMANDS[cmd_name][0]}")
        return _refusing_repeated_options(module.COMMANDS[cmd_name])

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, what) for name, (_, what) in COMMANDS.items()])


def _refusing_repeated_options(command: click.Command) -> click.Command:
    """Make a command, and those of a group, refuse an option given twice that takes one value.

    Click takes the last without a word, so that `print --zone A --zone B` would print B alone.
    """
    for inner in getattr(command, "commands", {}).values():
        _refusing_repeated_options(inner)
    parse = command.parse_args

    def parse_args(ctx: click.Context, args: list[str]) -> list[str]:
        seen: set[click.Parameter] = set()
        for one in command.make_parser(ctx).parse_args(list(args))[2]:
            if one in seen and isinstance(one, click.Option) and not (one.multiple or one.is_flag or one.count):
                name = max(one.opts, key=len)
                raise click.UsageError(_localised({"zh": f"{name} 给了两次", "en": f"{name} is given twice"}), ctx)
            seen.add(one)
        return parse(ctx, args)

    command.parse_args = parse_args  # type: ignore[method-assign]
    return command


@contextmanager
def _telling_closed_output() -> Iterator[None]:
    """Raise _OutputClosed before click sees that the output is closed: it would exit with 1, "done with findings"."""
    try:
        yield
    except BrokenPipeError as error:
        raise _OutputClosed from error


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gridsight", prog_name="gridsight")
def gridsight() -> None:
    """公共区域摄像机覆盖与网格化管理 / camera coverage and grid management.

    \b
    gridsight demo
    gridsight import cameras.csv --layer cameras --crs wgs84
    gridsight analyze && gridsight gaps && gridsight map --out map.html
    """  # noqa: D301 (\b keeps click from joining the lines)


def main(args: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; an error is one sentence on stderr, never a traceback."""
    _use_utf8()
    words = sys.argv[1:] if args is None else list(args)
    try:
        code = _run(words)
    except (click.Abort, KeyboardInterrupt):
        code = _interrupted(words)
        if args is None:  # a process of its own
            # Nobody waits for threads that still compute; and the interpreter, run by `-m`, would kill itself where
            # the interrupt came within `exec` (as a dataclass in the making is).
            _flush()
            os._exit(code)
    if args is None:
        # The work is done and its exit code known: Ctrl+C while the interpreter ends must not replace it.
        _ignore_interrupts()
        _flush()
    return code


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            _discard(stream)


def _run(words: Sequence[str]) -> int:  # noqa: PLR0911 (one way out a kind of end)
    try:
        code = gridsight.main(args=list(words), prog_name="gridsight", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except _OutputClosed:
        _discard(sys.stdout)
        _discard(sys.stderr)
        return 0
    except click.Abort:
        raise
    except click.UsageError as error:
        if error.ctx is not None and isinstance(error, _NO_WORDS):
            _write(error.ctx.get_help())
            return 2
        hint = error.ctx.command_path if error.ctx else "gridsight"
        message = usage_sentence(error, from_environment(), _HINTS)
        return _write_error(
            _localised({"zh": f"{message}（见 {hint} --help）", "en": f"{message} (see {hint} --help)"}), words
        )
    except click.ClickException as error:
        return _write_error(usage_sentence(error, from_environment()), words)
    except Exception as error:  # noqa: BLE001 (last handler: one sentence, no traceback)
        return _exit_with_error(error, words)


def _interrupted(words: Sequence[str]) -> int:
    """Say that Ctrl+C ended the command, and return the exit code."""
    text = _localised({"zh": "已中断", "en": "interrupted"})
    with _without_interrupts():
        if sys.stderr is not None and sys.stderr.isatty():  # None where the process began with stderr closed
            _write("\r\x1b[K", err=True, nl=False)  # the line of progress, and the ^C in it
        if "--json" in words:
            _write_json({"error": {"code": "interrupted", "detail": text}})
        _write(text, err=True)
    return 2


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Ignore a second Ctrl+C while the first one is answered."""
    before = _ignore_interrupts()
    try:
        yield
    finally:
        if before is not None:
            signal.signal(signal.SIGINT, before)


def _ignore_interrupts() -> Any:
    """Ignore Ctrl+C from here on, and return the handler there was; None in a thread, which may not set one."""
    if threading.current_thread() is not threading.main_thread():
        return None
    return signal.signal(signal.SIGINT, signal.SIG_IGN)


def _exit_with_error(error: Exception, words: Sequence[str]) -> int:
    from api import problems  # noqa: PLC0415 (an error is the exception: a command that works needs no table of them)
    from geo.errors import GeoError  # noqa: PLC0415

    if os.environ.get("GRIDSIGHT_DEBUG", "").lower() in {"1", "true", "yes"}:
        traceback.print_exception(error)
    if isinstance(error, OSError):
        reason = f"{error.strerror or type(error).__name__}{f'：{error.filename}' if error.filename else ''}"
        error = problems.Unexpected(f"无法读写：{reason}", f"cannot read or write: {reason.replace('：', ': ')}")
    if not isinstance(error, GeoError):
        kind = type(error).__name__
        error = problems.Unexpected(
            f"未预料的错误（{kind}）；设 GRIDSIGHT_DEBUG=1 可看细节",
            f"an unexpected error ({kind}); GRIDSIGHT_DEBUG=1 shows details",
        )
    lang = from_environment()
    body = problems.body_of(error, lang, status=problems.problem_of(error).status, instance=" ".join(words[:1]))
    rows = "; ".join(f"{row['row']}: {row['reason']}" for row in body["errors"][:3])
    if error.for_operator:
        body["detail"] += f" ({error.for_operator})"
    detail = f"{body['detail']} ({rows})" if rows else body["detail"]
    _write_error(detail, words, body)
    return problems.problem_of(error).exit_code


def _write_error(detail: str, words: Sequence[str], body: Mapping[str, Any] | None = None) -> int:
    if "--json" in words:
        _write_json({"error": body or {"code": "usage", "detail": detail}})
    _write(f"{_localised({'zh': '错误：', 'en': 'error: '})}{detail}", err=True)
    return 2


def _write_json(value: Mapping[str, Any]) -> None:
    import orjson  # noqa: PLC0415 (only --json needs it)

    _write(orjson.dumps(value).decode())


def _write(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Write how the command ended; where the stream takes nothing (a full disk), the exit code alone tells it."""
    try:
        click.echo(text, err=err, nl=nl)
    except OSError:
        _discard(sys.stderr if err else sys.stdout)


def _discard(stream: TextIO | None) -> None:
    """Send what a stream still holds nowhere, so that flushing it at the exit of the interpreter cannot fail again."""
    if stream is None:
        return
    with suppress(OSError, ValueError):  # a stream without a file
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)


def _localised(texts: Mapping[str, str]) -> str:
    return texts[from_environment()]


def _use_utf8() -> None:
    """Write UTF-8 to pipes and files everywhere, and never fail on a character that a console cannot show."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            if stream.isatty():
                reconfigure(errors="replace")
            else:
                reconfigure(encoding="utf-8", errors="replace")
