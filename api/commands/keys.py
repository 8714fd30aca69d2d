"""Make, list and revoke API keys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from api.commands.console import Console, store_options, time_in_zone
from api.roles import GRANTABLE_ROLES

if TYPE_CHECKING:
    from api.security.api_keys import ApiKey

_COLUMNS = {
    "id": ("编号", "id"),
    "name": ("名称", "name"),
    "role": ("角色", "role"),
    "townships": ("镇街", "townships"),
    "state": ("状态", "state"),
    "created": ("创建", "created"),
    "expires": ("到期", "expires"),
}


@click.group("keys", short_help="创建、列出、撤销接口密钥 / make, list and revoke API keys")
def keys_command() -> None:
    """创建、列出、撤销接口密钥。 / Make, list and revoke API keys.

    \b
    gridsight keys create --name qgis --role viewer --days 365
    gridsight keys list
    gridsight keys revoke 3f9k2m1x8a7c
    """  # noqa: D301


@keys_command.command("create")
@click.option("--name", required=True, help="给谁或给什么用 / whom or what it is for")
@click.option("--role", type=click.Choice(GRANTABLE_ROLES), required=True)
@click.option(
    "--townships", help="9 位镇街代码，逗号分隔；仅服务器库的 planner / 9-digit codes, for a planner of a server store"
)
@click.option(
    "--days", type=click.FloatRange(min=0, min_open=True), help="有效天数；不写则不过期 / days until it expires"
)
@store_options
def create_command(console: Console, name: str, role: str, townships: str | None, days: float | None) -> int:
    """创建一个密钥；密钥只显示这一次。 / Make a key; it is shown this once and kept nowhere.

    \b
    gridsight keys create --name qgis --role viewer --days 365
    gridsight keys create --name 南镇规划 --role planner --townships 620622101 --database postgresql://...
    """  # noqa: D301
    from api.security.assembly import keys_of

    codes = None if townships is None else [code.strip() for code in townships.split(",") if code.strip()]
    with console.store() as store:
        text, key = keys_of(store).create(name, role, townships=codes, days=days, by="local")
    console.print_json({"key": text, **described(key)})
    console.print(text, text)
    console.print_note(
        "请现在保存：密钥不会再次显示，也无法找回", "keep it now: it will not be shown again and cannot be recovered"
    )
    return 0


@keys_command.command("list")
@store_options
def list_command(console: Console) -> int:
    """列出密钥，不含密钥本身。 / List the keys, without their secrets.

    \b
    gridsight keys list --json
    """  # noqa: D301
    from api.security.assembly import keys_of

    with console.store() as store:
        found, zone = keys_of(store).list(), store.time_zone()
    rows = [described(key) for key in found]
    console.print_json({"keys": rows})
    shown = [
        {**row, "townships": _joined(row["townships"])}
        | {name: time_in_zone(row[name], zone) for name in ("created", "expires")}
        for row in rows
    ]
    console.print_table(shown, _COLUMNS)
    return 0


@keys_command.command("revoke")
@click.argument("key_id", metavar="ID")
@store_options
def revoke_command(console: Console, key_id: str) -> int:
    """撤销一个密钥；几秒内全部进程不再接受它。 / Revoke a key; within seconds no process takes it any more.

    \b
    gridsight keys revoke 3f9k2m1x8a7c
    """  # noqa: D301
    from api.security.assembly import keys_of

    with console.store() as store:
        key = keys_of(store).revoke(key_id, by="local")
    console.print_json(described(key))
    console.print(f"已撤销 {key.id}（{key.name}）", f"revoked {key.id} ({key.name})")
    return 0


def described(key: ApiKey) -> dict[str, Any]:
    """Return what may be shown of a key: everything but its hash."""
    values = {name: getattr(key, name) for name in ("id", "name", "role", "townships", "created_by")}
    dates = {name: _iso(getattr(key, name)) for name in ("created", "expires", "revoked")}
    return {**values, **dates, "state": key.state(datetime.now(tz=UTC))}


def _iso(value: datetime | None) -> str | None:
    return None if value is None else value.astimezone(UTC).isoformat(timespec="seconds")


def _joined(codes: Sequence[str] | None) -> str | None:
    return None if codes is None else ",".join(codes)


COMMANDS = {"keys": keys_command}
