"""A manifest slip in a decided filing is put right, in what no rule reads: whom to talk to, and the words of the scope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from chassis.database import Transaction
from chassis.messages import Command, Result
from contracts.values import dataclass
from contracts.vocabulary import FilingStatus
from services.registration.domain import keys_of
from services.registration.handlers.acting import Act, Scene, Step, a_clerk, act

DECIDED = (FilingStatus.ACCEPTED, FilingStatus.REFUSED, FilingStatus.REFERRED)


@dataclass(frozen=True, slots=True)
class Correction:
    """``fields``: the right values of what is wrong."""

    fields: Mapping[str, Any]
    reason: str


def correct(batch: Sequence[Command[Act[Correction]]], tx: Transaction) -> Result:
    """No rule reads these fields and no other service has them: the decision stands, and no event is due."""
    return act(batch, tx, _correct, a_clerk)


def _correct(scene: Scene) -> Step | None:
    scene.only_while(*DECIDED)
    before, wanted = scene.filing, scene.what
    changed = {name: value for name, value in wanted.fields.items() if before.request[name] != value}
    if not changed:
        return None
    line = {"at": scene.now.at, "by": scene.by.sub, "fields": sorted(changed), "reason": wanted.reason}
    said = replace(before.said, corrections=(*before.said.corrections, line))
    filing = replace(before, version=before.version + 1, request={**before.request, **changed}, said=said)
    return Step(filing, "filing_corrected", keys=keys_of(scene.facts))
