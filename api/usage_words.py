"""Say in one language what is wrong with the words of a command; click says it in English only."""

from __future__ import annotations

import re
from collections.abc import Mapping

import click

from geo.sentences import in_language

#: What click writes -> the same in Chinese. Values keep their quotes; what no line fits is said in general.
_SENTENCES: tuple[tuple[str, str], ...] = (
    (r"No such option '?(\S+?)'?\.", r"没有选项 \1"),
    (r"No such command '(.*?)'\.", r"没有命令 \1"),
    (r"Missing command\.", r"没有写命令"),
    (r"Got unexpected extra arguments? \((.*?)\)", r"多余的参数：\1"),
    (r"Option '(\S+)' requires an argument\.", r"选项 \1 后面要有值"),
    (r"Option '(\S+)' requires (\d+) arguments\.", r"选项 \1 后面要有 \2 个值"),
    (r"Option '(\S+)' does not take a value\.", r"选项 \1 不带值"),
    (r"Argument '(\S+)' takes (\d+) values\.", r"参数 \1 要有 \2 个值"),
    (r"('.*?') is not a valid integer( range)?\.", r"\1 不是整数"),
    (r"('.*?') is not a valid float( range)?\.", r"\1 不是数"),
    (r"('.*?') is not a valid boolean\..*", r"\1 不是 true 或 false"),
    (r"(\S+) is not in the range (.*?)\.", r"\1 不在范围 \2 之内"),
    (r"('.*?') is not one of (.*?)\.", r"\1 不是可用的值，可用：\2"),
    (r"('.*?') is not ('.*?')\.", r"\1 不是可用的值，可用：\2"),
    (r"('.*?') does not match the formats? (.*?)\.", r"\1 不是 \2 的样子"),
    (r"\w+ ('.*?') does not exist\.", r"\1 不存在"),
    (r"\w+ ('.*?') is a file\.", r"\1 是文件，不是目录"),
    (r"\w+ ('.*?') is a directory\.", r"\1 是目录，不是文件"),
    (r"\w+ ('.*?') is not readable\.", r"\1 不可读"),
    (r"\w+ ('.*?') is not writable\.", r"\1 不可写"),
)


def usage_sentence(error: click.ClickException, lang: str, hints: Mapping[str, str] | None = None) -> str:
    """Return what click found wrong with a command, in `zh` or `en`, without a full stop.

    Parameters
    ----------
    error
        Of click, or of a command with a text ``中文 / English``.
    hints
        Argument in capitals -> what may stand for it, ``中文 / English``, said where it is missing.

    Examples
    --------
    >>> usage_sentence(click.NoSuchOption("--zoen", possibilities=["--zone"]), "zh")
    '没有选项 --zoen，是否想用 --zone'
    >>> usage_sentence(click.UsageError("--out 只用于 archive / --out is for archive"), "en")
    '--out is for archive'
    """
    if isinstance(error, click.MissingParameter):
        return _missing(error, lang, hints or {})
    if lang == "en":
        text = in_language(error.message, "en")
        if isinstance(error, click.BadParameter) and _hint(error):
            text = f"invalid value for {_hint(error)}: {text}"
        return _one_line(text + _guesses(error, lang))
    text = in_language(error.message, "zh")
    if text == error.message:  # of click
        text = _in_chinese(" ".join(text.split()))
    if isinstance(error, click.BadParameter) and _hint(error):
        text = f"{_hint(error)} 的值不对：{text}"
    return text + _guesses(error, lang)


def _missing(error: click.MissingParameter, lang: str, hints: Mapping[str, str]) -> str:
    name = _hint(error)
    is_option = error.param is not None and error.param.param_type_name == "option"
    told = in_language(hints[name], lang) if name in hints else ""
    if lang == "en":
        return f"missing {'option' if is_option else 'argument'} {name}{f': {told}' if told else ''}"
    return f"缺少{'选项' if is_option else '参数'} {name}{f'：{told}' if told else ''}"


def _hint(error: click.BadParameter) -> str:
    hint = error.param_hint
    if hint is None and error.param is not None:
        hint = error.param.get_error_hint(error.ctx)
    if hint is None:
        return ""
    return (hint if isinstance(hint, str) else " / ".join(hint)).replace("'", "")


def _guesses(error: click.ClickException, lang: str) -> str:
    near = getattr(error, "possibilities", None)
    if not near:
        return ""
    return f"，是否想用 {'、'.join(sorted(near))}" if lang == "zh" else f"; did you mean {' or '.join(sorted(near))}?"


def _in_chinese(text: str) -> str:
    for pattern, zh in _SENTENCES:
        found = re.fullmatch(pattern, text, re.DOTALL)
        if found:
            return found.expand(zh)
    # An option's value in words that only click has: the value is what helps, the rest is in the help.
    quoted = re.search(r"'.*?'", text)
    return f"{quoted[0]} 不能用" if quoted else "写法不对"


def _one_line(text: str) -> str:
    return " ".join(text.split()).removesuffix(".")
