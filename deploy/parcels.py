"""``sluicegate import parcels FILE``: a GeoJSON file into the running system, whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.table import Table

from chassis.settings import ServiceSettings
from chassis.tokens import DevelopmentIssuer, NotForProductionError
from contracts.vocabulary import Role, Unit
from deploy.configuration import Data, read_settings, stop
from deploy.later import ANYTHING

imports = typer.Typer(help="批量导入。/ Bulk import.", no_args_is_help=True)


@imports.command()
def parcels(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="GeoJSON FeatureCollection")],
    url: Annotated[str, typer.Option("--url", help="运行中的系统地址 / address of the running system")] = "http://127.0.0.1:8080",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查文件，不导入 / only check the file")] = False,
    token_file: Annotated[
        Path | None,
        typer.Option("--token-file", exists=True, dir_okay=False, help="令牌文件，分布模式必填 / file with a map officer's token"),
    ] = None,
    data: Data = None,
) -> None:
    """导入宗地：有一条不合格则全部不导入，并逐条报告。/ Import parcels: nothing is stored if one is refused; each refusal is reported."""
    import httpx

    body = file.read_bytes()
    features = _features(body)
    if dry_run:
        print(f"{len(features)} 条，文件可读 / {len(features)} feature(s), the file can be read; nothing was sent")
        return
    token = _token(data) if token_file is None else token_file.read_text(encoding="ascii").strip()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    try:
        with Console(stderr=True).status(f"正在导入 {len(features)} 条 / importing {len(features)}"):
            answer = httpx.post(f"{url}/land-check/v1/parcels:import", content=body, headers=headers, timeout=600)
    except httpx.HTTPError as error:
        stop(f"{url} 没有应答，请先运行 sluicegate up / no answer from {url}: run sluicegate up first ({error})")
    result: dict[str, Any] = answer.json()
    if answer.status_code == 200:
        print(f"已导入 {result['stored']} 条 / {result['stored']} stored")
        return
    if "refused" in result:
        _report(result["refused"])
    stop(f"未导入任何宗地 / nothing was stored: {result.get('detail', answer.status_code)}")


def _token(data: Path | None) -> str:
    """One of the development issuer: embedded, whoever may read the data directory may be anyone."""
    try:
        issuer = DevelopmentIssuer.embedded(read_settings(data, ServiceSettings))
    except NotForProductionError as error:
        stop(f"{error}；请用 --token-file / use --token-file")
    return issuer.token("import-parcels", roles=[Role.MAP_OFFICER], unit=Unit.NRP)


def _features(body: bytes) -> list[Any]:
    try:
        collection = orjson.loads(body)
        if collection["type"] != "FeatureCollection":
            raise KeyError("type")
        return list(collection["features"])
    except (ValueError, KeyError, TypeError) as error:
        stop(f"不是 GeoJSON FeatureCollection / not a GeoJSON FeatureCollection: {error}", 2)


def _report(refused: list[dict[str, Any]]) -> None:
    table = Table("序号 index", "宗地 parcel", "位置 pointer", "代码 code", "说明 message")
    for item in refused:
        for error in item["errors"]:
            table.add_row(str(item["index"]), item.get("parcel_code") or "", error["pointer"], error["code"], error["message"])
    Console(width=None if Console().is_terminal else 240).print(table)


@imports.command("filings", context_settings=ANYTHING, hidden=True)
@imports.command("grades", context_settings=ANYTHING, hidden=True)
@imports.command("lists", context_settings=ANYTHING, hidden=True)
def not_yet(context: typer.Context) -> None:
    """（尚未提供 / not provided yet）"""
    stop(f"本版本尚未提供 sluicegate import {context.info_name} / sluicegate import {context.info_name} comes with a later version", 2)
