"""Commands for operators: quarantine, republish, migrate. They work on the databases directly, whether or not the system runs.

What is heavy to import is imported by the command that needs it, see ``deploy.cli``.
"""

from __future__ import annotations

import getpass
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict
from rich.console import Console
from rich.table import Table

from chassis.settings import PREFIX, BadSettingsError, ServiceSettings, secret_in
from deploy.configuration import Data, read_settings, stop

if TYPE_CHECKING:
    from sqlalchemy import URL

    from chassis.database import Database
    from chassis.quarantine import Entry
    from chassis.transaction import Transaction
    from deploy.local import Part

T = TypeVar("T")

quarantine = typer.Typer(
    help="隔离的消息：查看、重放、丢弃、更正。/ Messages that could not be processed: look, replay, discard, supersede.",
    no_args_is_help=True,
)

ServiceName = Annotated[str, typer.Argument(metavar="SERVICE", help="服务 / service: registration, land_check, power_grid, notifier")]
Number = Annotated[int, typer.Argument(metavar="ID", help="编号，见 list / number, see list")]
Why = Annotated[str, typer.Option("--reason", help="理由，留痕 / why, kept on record")]


@quarantine.command("list")
def list_waiting(
    service: Annotated[str | None, typer.Argument(help="服务，省略则全部 / all if left out")] = None, data: Data = None
) -> None:
    """列出被隔离及在其后等待的消息。/ What is parked, and what waits behind it."""
    table = Table(
        "服务 service", "ID", "主题 topic", "键 key", "序 seq", "类型 type", "状态 status", "原因 reason", "错误 error", "自 since"
    )
    for name in _names(service):
        for entry in _read(name, data, _all_waiting):
            table.add_row(
                name,
                str(entry.id),
                entry.topic,
                entry.key,
                "" if entry.seq is None else str(entry.seq),
                entry.type or "",
                entry.status,
                entry.reason,
                entry.error_text or "",
                entry.first_seen_at,
            )
    if not table.rows:
        print("没有被隔离的消息 / nothing is quarantined")
        return
    Console(width=None if Console().is_terminal else 240).print(table)


@quarantine.command()
def show(service: ServiceName, number: Number, data: Data = None) -> None:
    """显示一条消息的头与内容。/ One message with headers and body."""
    from chassis import quarantine as letters

    content = _read(_names(service)[0], data, lambda tx: letters.show(tx, number))
    for name, value in asdict(content.entry).items():
        print(f"{name}: {'' if value is None else value}")
    for name, value in content.headers.items():
        print(f"header {name}: {value}")
    print(content.body.decode("utf-8", "backslashreplace"))
    if content.original_body is not None:
        print("--- 原始内容 / as received")
        print(content.original_body.decode("utf-8", "backslashreplace"))


@quarantine.command()
def replay(service: ServiceName, number: Number, data: Data = None) -> None:
    """重放该键自第一条起的全部消息。/ Run the whole key again, from its first waiting message."""
    from chassis import quarantine as letters

    entry = _write(_names(service)[0], data, lambda tx: letters.replay(tx, number, getpass.getuser()))
    print(f"{entry.key}: 将由运行中的服务重放 / will be replayed by the running service")


@quarantine.command()
def discard(service: ServiceName, number: Number, reason: Why, data: Data = None) -> None:
    """丢弃一条消息，其后的继续处理。/ Give one message up; those behind it go on."""
    from chassis import quarantine as letters

    entry = _write(_names(service)[0], data, lambda tx: letters.discard(tx, number, getpass.getuser(), reason))
    print(f"{entry.key}: 已丢弃 {number} / {number} is discarded")


@quarantine.command()
def supersede(
    service: ServiceName,
    number: Number,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="更正后的消息内容（JSON）/ the corrected body")],
    reason: Why,
    data: Data = None,
) -> None:
    """以更正后的内容代替，原文保留。/ Put a corrected body in its place; the original is kept."""
    from chassis import quarantine as letters

    body = file.read_bytes()
    entry = _write(_names(service)[0], data, lambda tx: letters.supersede(tx, number, getpass.getuser(), reason, body))
    print(f"{entry.key}: 已更正 {number}，将重放 / {number} is superseded and will be replayed")


def republish(
    service: ServiceName,
    topic: Annotated[str, typer.Argument(help="主题 / topic")],
    key: Annotated[str, typer.Argument(help="键 / key")],
    first: Annotated[int, typer.Option("--from", min=1, help="起始序号 / first streamseq")] = 1,
    last: Annotated[int, typer.Option("--to", min=1, help="末尾序号 / last streamseq")] = 2**62,
    data: Data = None,
) -> None:
    """把一个键已发布的消息再发布一次（随时安全）。/ Publish a key's messages again, as when a bus lost them; safe at any time."""
    from chassis import relay

    count = _write(_names(service)[0], data, lambda tx: relay.republish(tx, topic, key, first, last))
    print(f"{count} 条将再次发布 / {count} message(s) will be published again")


def migrate(service: Annotated[str | None, typer.Argument(help="服务，省略则全部 / all if left out")] = None, data: Data = None) -> None:
    """把数据库升级到最新结构；分布模式下以属主身份进行。/ Bring the databases to the newest schema; distributed, as their owner."""
    from chassis.errors import StorageUnavailableError
    from chassis.process import private_files
    from deploy.running import CannotStart, alone

    names = _names(service)
    servers = [name for name in names if _settings_of(name, data).distributed]
    files = [name for name in names if name not in servers]
    try:
        _migrate_servers(servers, data)
        if files:
            with private_files(), alone(read_settings(data, ServiceSettings).data):
                _migrate_files(files, data)
    except (CannotStart, BadSettingsError, StorageUnavailableError) as error:
        stop(str(error))


def _migrate_files(names: Sequence[str], data: Path | None) -> None:
    from chassis.migrations import migrate as bring_to_newest

    for name in names:
        bring_to_newest(_settings_of(name, data).database_url(name), _migrations_of(name))
        print(f"{name}: 已是最新 / up to date")


def _migrate_servers(names: Sequence[str], data: Path | None) -> None:
    """As the owner of the databases; the service's own role may then use what is there, and not change it."""
    from chassis.migrations import migrate as bring_to_newest

    owner = read_settings(None, OwnerSettings)
    for name in names:
        server = _settings_of(name, data).database_server(name)
        assert server is not None  # noqa: S101 - the caller chose those that have one
        role = server.username if owner.database_owner not in (None, server.username) else None
        bring_to_newest(owner.url(server).render_as_string(hide_password=False), _migrations_of(name), role)
        print(f"{name}: 已是最新 / up to date", flush=True)


def _migrations_of(name: str) -> Path:
    return Path(inspect.getfile(_services()[name].create)).with_name("migrations")


class OwnerSettings(BaseSettings):
    """Who owns the databases and may change their schema: ``sluicegate migrate`` only."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True)

    database_owner: str | None = Field(
        None, description="migrate 使用的数据库属主，不设则用服务的用户 / role that owns the databases, for migrate; default: the service's"
    )
    database_owner_password_file: Path | None = Field(None, description="属主密码所在文件 / the file that holds its password")

    def url(self, own: URL) -> URL:
        """The address of a service's database for its owner. Raises SecretFileError."""
        if self.database_owner is None:
            return own
        file = self.database_owner_password_file
        password = None if file is None else secret_in(file, "DATABASE_OWNER_PASSWORD_FILE")
        return own.set(username=self.database_owner, password=password)


def _services() -> Mapping[str, Part]:
    from deploy.services import SERVICES  # takes long to import: not before a command needs it

    return SERVICES


def part_named(service: str) -> Part:
    """One service; ends the command if there is none of that name."""
    return _services()[_names(service)[0]]


def _settings_of(name: str, data: Path | None) -> ServiceSettings:
    return read_settings(data, _services()[name].settings)


def _names(service: str | None) -> list[str]:
    """The services meant: the one named (``land-check`` and ``land_check`` are the same), else all."""
    services = _services()
    if service is None:
        return list(services)
    name = service.replace("-", "_")
    if name not in services:
        stop(f"没有服务 {service} / there is no service {service}: {', '.join(services)}", 2)
    return [name]


def _all_waiting(tx: Transaction) -> list[Entry]:
    from chassis import quarantine as letters

    found = page = letters.waiting(tx)
    while page:
        page = letters.waiting(tx, after=page[-1].id)
        found = found + page
    return found


def _read(name: str, data: Path | None, work: Callable[[Transaction], T]) -> T:
    with _database(name, data) as database:
        return database.read_sync(work)


def _write(name: str, data: Path | None, work: Callable[[Transaction], T]) -> T:
    with _database(name, data) as database:
        return database.write_sync(work, "operator")


@contextmanager
def _database(name: str, data: Path | None) -> Iterator[Database]:
    from chassis.clock import SystemClock
    from chassis.database import Database
    from chassis.errors import QuarantineError, StorageUnavailableError

    settings = _settings_of(name, data)
    try:
        url = settings.database_url(name)
    except BadSettingsError as error:
        stop(str(error))
    if not settings.distributed and not Path(url.removeprefix("sqlite:///")).exists():
        zh = f"{settings.data} 中没有 {name} 的数据库，请先运行 sluicegate up 或 sluicegate migrate"
        stop(f"{zh} / {settings.data} holds no database of {name}: run sluicegate up or sluicegate migrate first")
    database = Database(url, SystemClock(settings.clock_offset))
    try:
        yield database
    except (QuarantineError, StorageUnavailableError) as error:
        stop(str(error))
    finally:
        database.close()
