"""``sluicegate import parcels FILE``: a GeoJSON or CSV file into the running system, whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from contracts.vocabulary import Role, Unit
from deploy.calling import HERE, Answer, TokenFile, Url, post, token_of
from deploy.configuration import Data, stop
from deploy.later import ANYTHING
from deploy.parcel_rows import table_of

IMPORT = "/land-check/v1/parcels:import"

imports = typer.Typer(help="批量导入。/ Bulk import.", no_args_is_help=True)


@imports.command()
def parcels(
    file: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, help="GeoJSON FeatureCollection，或 .csv，列名即宗地字段 / or CSV, columns are fields"),
    ],
    url: Url = HERE,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只检查文件，不导入，无需系统运行 / only check the file; no system needed")
    ] = False,
    token_file: TokenFile = None,
    data: Data = None,
) -> None:
    """导入宗地：有一条不合格则全部不导入，并逐条报告。/ Import parcels: nothing is stored if one is refused; each refusal is reported."""
    body, lines = _read(file)
    if dry_run:
        answer = _checked(body)
    else:
        token = token_of(token_file, data, "import-parcels", Role.MAP_OFFICER, Unit.NRP)
        with Console(stderr=True).status("正在导入 / importing"):
            answer = post(url, IMPORT, token, seconds=600, content=body, headers={"Content-Type": "application/json"})
    if answer.status == 200:
        print(_done(answer.body["stored"], dry_run))
        return
    if "refused" in answer.body:
        _report(answer.body["refused"], lines)
    for each in answer.body.get("errors", []):
        print(f"{each['pointer']}: {each['message']}")
    stop(f"未导入任何宗地 / nothing was stored: {answer.detail}")


def _checked(body: bytes) -> Answer:
    """What the service would answer: its own check of the whole file, to the last feature, without storing anything."""
    from chassis.problems import Problem
    from services.land_check.api.imports import read_features

    try:
        return Answer(200, {"stored": len(read_features(body))})
    except Problem as problem:
        return Answer(problem.status, problem.body())


def _done(count: int, dry_run: bool) -> str:
    if dry_run:
        return f"{count} 条全部合格，未导入 / {count} could be stored; nothing was sent"
    return f"已导入 {count} 条 / {count} stored"


def _read(file: Path) -> tuple[bytes, list[int] | None]:
    """The FeatureCollection to send; of a CSV the line of each feature too."""
    body = file.read_bytes()
    if file.suffix.lower() == ".csv":
        return table_of(body)
    try:
        collection = orjson.loads(body)
        if collection["type"] != "FeatureCollection":
            raise KeyError("type")
        return body, None
    except (ValueError, KeyError, TypeError) as error:
        stop(f"不是 GeoJSON FeatureCollection / not a GeoJSON FeatureCollection: {error}", 2)


def _report(refused: list[dict[str, Any]], lines: list[int] | None) -> None:
    """``lines`` null: a feature is called by its index, else by the line on which its row begins."""
    table = Table("序号 index" if lines is None else "行 line", "宗地 parcel", "位置 pointer", "代码 code", "说明 message")
    for item in refused:
        place = item["index"] if lines is None else lines[item["index"]]
        for error in item["errors"]:
            pointer = error["pointer"] if lines is None else error["pointer"].removeprefix("/properties")
            table.add_row(*map(escape, (str(place), item.get("parcel_code") or "", pointer, error["code"], error["message"])))
    Console(width=None if Console().is_terminal else 240).print(table)


@imports.command("filings", context_settings=ANYTHING, hidden=True)
@imports.command("grades", context_settings=ANYTHING, hidden=True)
@imports.command("lists", context_settings=ANYTHING, hidden=True)
def not_yet(context: typer.Context) -> None:
    """（尚未提供 / not provided yet）"""
    stop(f"本版本尚未提供 sluicegate import {context.info_name} / sluicegate import {context.info_name} comes with a later version", 2)
