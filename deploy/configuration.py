"""Settings as the command line reads and shows them, and how a command ends that cannot go on."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NoReturn, TypeVar

import typer
from pydantic import SecretStr
from pydantic_settings import BaseSettings
from rich.console import Console
from rich.table import Table

from chassis.settings import BadSettingsError, ServiceSettings, read

Settings = TypeVar("Settings", bound=BaseSettings)

SECRETS = (
    (re.compile(r"([?&][^=&]*(?:pass|secret|token)[^=&]*=)[^&]*", re.IGNORECASE), r"\1***"),
    (re.compile(r"(://[^:/]*:).*(@)", re.DOTALL), r"\1***\2"),
)
"""What an address may hold that should be in a file: in its query, and before its host all that SQLAlchemy takes for the password."""

Data = Annotated[
    Path | None, typer.Option("--data", metavar="DIR", help="数据目录，默认 SLUICEGATE_DATA 或 ./data / data directory", show_default=False)
]


def stop(message: str, code: int = 1) -> NoReturn:
    """Say why on standard error, and exit."""
    Console(stderr=True).print(message, style="red", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(code)


def read_settings(data: Path | None, kind: type[Settings]) -> Settings:
    """Settings of the environment, ``data`` over them. A bad value ends the command with the variable's name."""
    try:
        return read(kind) if data is None else read(kind, data=data)
    except BadSettingsError as error:
        stop(str(error), 2)


def print_settings(kinds: Sequence[type[BaseSettings]], data: Path | None) -> None:
    """Every setting once, with its value, where it comes from and what it is for."""
    table = Table("变量 variable", "值 value", "来源 origin", "说明 meaning")
    shown: set[str] = set()
    for kind in kinds:
        settings = _settings_to_show(kind, data)
        for name, field in kind.model_fields.items():
            variable = f"{kind.model_config.get('env_prefix', '')}{name.upper()}"
            if variable not in shown:
                shown.add(variable)
                table.add_row(variable, _text(settings, name), _origin(variable, name, data), field.description or "")
    Console(width=None if Console().is_terminal else 240).print(table)


def _settings_to_show(kind: type[BaseSettings], data: Path | None) -> BaseSettings:
    """What is in force; the defaults of a kind that is not set up at all and so would be refused."""
    prefix = kind.model_config.get("env_prefix", "")
    if any(field.is_required() for field in kind.model_fields.values()) and not any(name.upper().startswith(prefix) for name in os.environ):
        return kind.model_construct()
    return read_settings(data if issubclass(kind, ServiceSettings) else None, kind)


def _text(settings: BaseSettings, name: str) -> str:
    value = getattr(settings, name, None)
    if value is None:
        return "-"
    if isinstance(value, SecretStr):
        return str(value)
    text = str(settings.model_dump(mode="json", include={name})[name])
    for secret, masked in SECRETS:
        text = secret.sub(masked, text)
    return text


def _origin(variable: str, name: str, data: Path | None) -> str:
    if name == "data" and data is not None:
        return "命令行 --data / command line"
    names = {each.upper() for each in os.environ}
    return "环境变量 / environment" if variable in names else "默认 / default"
