"""``sluicegate policy activate FILE --from DATE``: hand a checked set in at the running system and sign it for one unit."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chassis.settings import ServiceSettings
from chassis.tokens import DevelopmentIssuer, NotForProductionError
from contracts.vocabulary import Role, Unit
from deploy.configuration import Data, read_settings, stop

if TYPE_CHECKING:
    from contracts.policy import PolicySet

POLICIES = "/registration/v1/policies"


def activate(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="政策集，YAML / a policy set")],
    day: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="自哪一天起适用 / the first day on which it decides")],
    reason: Annotated[str, typer.Option("--reason", help="启用理由，两人须一致 / why; both signers give the same")],
    unit: Annotated[Unit, typer.Option("--unit", help="以哪个单位签署 / the unit that signs (development issuer)")] = Unit.MGO,
    url: Annotated[str, typer.Option("--url", help="运行中的系统地址 / address of the running system")] = "http://127.0.0.1:8080",
    token_file: Annotated[
        Path | None,
        typer.Option("--token-file", exists=True, dir_okay=False, help="签署人令牌文件，分布模式必填 / file with the signer's token"),
    ] = None,
    data: Data = None,
) -> None:
    """提交政策集并签署启用；两个单位各签一次后生效。/ Hand a set in and sign it: with two units' signatures it decides from that day."""
    from deploy.policies import checked

    chosen = checked(file)
    token = _token(data, unit) if token_file is None else token_file.read_text(encoding="ascii").strip()
    _post(url, token, POLICIES, chosen.model_dump(mode="json"))
    signed = {"effective_from": day.date().isoformat(), "reason": reason}
    answer = _post(url, token, f"{POLICIES}/{chosen.id}/{chosen.version}:activate", signed)
    _tell(chosen, answer)


def _tell(chosen: PolicySet, answer: dict[str, Any]) -> None:
    name, day, units = f"{chosen.id} v{chosen.version}", answer["effective_from"], ", ".join(answer["signed"])
    if answer["state"] == "activated":
        print(f"{name} 自 {day} 起适用，签署单位 {units} / decides from {day} on, signed by {units}")
    else:
        print(f"{name} 已由 {units} 签署，还须另一单位的另一人以同样的日期和理由签署")
        print(f"signed by {units}: another person of another unit must sign the same day and reason")


def _post(url: str, token: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """The answer to a call that succeeded. Anything else ends the command with what the system says."""
    import httpx

    try:
        answer = httpx.post(url + path, json=body, headers={"Authorization": f"Bearer {token}"}, timeout=60)
    except httpx.HTTPError as error:
        stop(f"{url} 没有应答，请先运行 sluicegate up / no answer from {url}: run sluicegate up first ({error})")
    result: dict[str, Any] = answer.json()
    if not answer.is_success:
        for each in result.get("errors", []):
            print(f"{each['pointer']}: {each['message']}")
        stop(result.get("detail", str(answer.status_code)))
    return result


def _token(data: Path | None, unit: Unit) -> str:
    """One of the development issuer: embedded, whoever may read the data directory may be anyone."""
    try:
        issuer = DevelopmentIssuer.embedded(read_settings(data, ServiceSettings))
    except NotForProductionError as error:
        stop(f"{error}；请用 --token-file / use --token-file")
    return issuer.token(f"policy-{unit}", roles=[Role.ADMIN], unit=unit)
