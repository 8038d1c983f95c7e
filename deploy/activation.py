"""``sluicegate policy activate FILE --from DATE``: hand a checked set in at the running system and sign it for one unit."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from contracts.vocabulary import Role, Unit
from deploy.calling import HERE, TokenFile, Url, post, token_of
from deploy.configuration import Data, stop

if TYPE_CHECKING:
    from contracts.policy import PolicySet

POLICIES = "/registration/v1/policies"
REVIEW_CASES = ("/registration/v1/review-cases", "/power-grid/v1/review-cases")


def activate(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="政策集，YAML / a policy set")],
    day: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="自哪一天起适用 / the first day on which it decides")],
    reason: Annotated[
        str | None,
        typer.Option("--reason", help="启用理由，两人须一致；不填则写明所启用的政策集 / why, the same from both; else it names the set"),
    ] = None,
    unit: Annotated[Unit, typer.Option("--unit", help="以哪个单位签署 / the unit that signs (development issuer)")] = Unit.MGO,
    url: Url = HERE,
    token_file: TokenFile = None,
    data: Data = None,
) -> None:
    """提交政策集并签署启用；两个单位各签一次后生效。/ Hand a set in and sign it: with two units' signatures it decides from that day."""
    from deploy.candidates import checked

    chosen = checked(file)
    token = token_of(token_file, data, f"policy-{unit}", Role.ADMIN, unit)
    _posted(url, token, POLICIES, chosen.model_dump(mode="json"))
    signed = {"effective_from": day.date().isoformat(), "reason": reason or _named(chosen)}
    answer = _posted(url, token, f"{POLICIES}/{chosen.id}/{chosen.version}:activate", signed)
    _tell(chosen, answer)


def _named(chosen: PolicySet) -> str:
    """What is given where no reason is: the set, and nothing of the file, which the second signer may call otherwise."""
    return f"启用政策集 {chosen.id} v{chosen.version} / the policy set {chosen.id} v{chosen.version} is put into force"


def _tell(chosen: PolicySet, answer: dict[str, Any]) -> None:
    name, day, units = f"{chosen.id} v{chosen.version}", answer["effective_from"], ", ".join(answer["signed"])
    if answer["state"] == "activated":
        print(f"{name} 自 {day} 起适用，签署单位 {units} / decides from {day} on, signed by {units}")
        print("既往决定不变；在新政策集下会不同的，自该日起陆续列为复核事项：")
        print("past decisions stay; those that it would take otherwise are listed for review from that day on:")
        print(*(f"  GET {path}?state=open" for path in REVIEW_CASES), sep="\n")
    else:
        print(f"{name} 已由 {units} 签署，还须另一单位的另一人以同样的日期和理由签署")
        print(f"signed by {units}: another person of another unit must sign the same day and reason")


def _posted(url: str, token: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """The answer to a call that succeeded. Anything else ends the command with what the system says."""
    answer = post(url, path, token, seconds=60, json=body)
    if answer.status not in (200, 201, 202):
        for each in answer.body.get("errors", []):
            print(f"{each['pointer']}: {each['message']}")
        stop(answer.detail)
    return answer.body
