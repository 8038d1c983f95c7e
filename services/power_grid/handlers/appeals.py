"""An appeal against a block: filed by whoever deals with the party concerned, decided by the governance office."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from chassis.clock import today
from chassis.database import Transaction
from chassis.messages import Command, Message, Result
from chassis.policies import in_force
from chassis.problems import Problem
from contracts.power_grid import ClearanceReviewed
from contracts.values import dataclass
from contracts.vocabulary import Role, Unit
from services.power_grid import errors, rules, tables
from services.power_grid.domain import Appeal, Block, Standing
from services.power_grid.handlers.saying import appeal_event
from services.power_grid.handlers.settling import Touched, Work, catch_up, judge_clearances, township_of


@dataclass(frozen=True, slots=True)
class AppealBlock:
    """``documents`` have ``name`` and ``sha256``."""

    block_id: str
    text: str
    documents: tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True)
class DecideAppeal:
    """``result``: upheld or reversed."""

    block_id: str
    result: str
    reason: str
    document_sha256: str


def appeal_blocks(batch: Sequence[Command[AppealBlock]], tx: Transaction) -> Result:
    """Open the one appeal against each block; the block stands meanwhile."""
    result = Result()
    for command in batch:
        messages, answer = _appeal(command, tx)
        result.messages += messages
        result.answers.append(answer)
    return result


def _appeal(command: Command[AppealBlock], tx: Transaction) -> tuple[list[Message], Block | Problem]:
    data = command.data
    block = tables.blocks_of(tx, [data.block_id]).get(data.block_id)
    if block is None:
        return [], errors.block_not_found()
    if block.standing is not Standing.BLOCK or block.lifted_at is not None:
        return [], errors.nothing_to_appeal()
    if block.appeal is not None:
        return [], errors.already_appealed()
    appealed = replace(block, appeal=Appeal("open", tx.now, command.principal.sub, data.text, data.documents))
    tables.save_blocks(tx, [appealed])
    unit = Unit.PSC if command.principal.has(Role.GRID) else Unit.AMR
    return [Message.because(command, _event(tx, appealed, unit))], appealed


def decide_appeals(batch: Sequence[Command[DecideAppeal]], tx: Transaction) -> Result:
    """``upheld``: the block stands. ``reversed``: it becomes a hold, which two signatures or other facts end; it never allows by itself."""
    result = Result()
    for command in batch:
        messages, answer = _decide(command, tx)
        result.messages += messages
        result.answers.append(answer)
    return result


def _decide(command: Command[DecideAppeal], tx: Transaction) -> tuple[list[Message], Block | Problem]:
    data = command.data
    found = tables.load_blocks(tx, [data.block_id]).get(data.block_id)
    if found is None:
        return [], errors.block_not_found()
    messages = catch_up(tx, in_force(tx), found.site.parcel_code, command)
    sites = tables.claim_sites(tx, [found.site.parcel_code])
    block = tables.blocks_of(tx, [data.block_id])[data.block_id]
    refusal = _may_not_decide(block, command.principal.sub)
    if refusal is not None or block.appeal is None:
        return messages, refusal or errors.no_open_appeal()
    decided = replace(
        block.appeal,
        state=data.result,
        decided_at=tx.now,
        decided_by=command.principal.sub,
        reason=data.reason,
        document_sha256=data.document_sha256,
    )
    block = replace(block, appeal=decided)
    tables.save_blocks(tx, [block])
    messages.append(Message.because(command, _event(tx, block, Unit.MGO)))
    if data.result == "reversed":
        messages += _hold_instead(command, tx, block, sites)
    return messages, tables.blocks_of(tx, [block.block_id])[block.block_id]


def _may_not_decide(block: Block, decider: str) -> Problem | None:
    if block.appeal is None or block.appeal.state != "open":
        return errors.no_open_appeal()
    if block.lifted_at is not None:
        return errors.block_lifted()
    return errors.second_person_needed() if block.appeal.filed_by == decider else None


def _hold_instead(command: Command[DecideAppeal], tx: Transaction, block: Block, sites: tables.Sites) -> list[Message]:
    """The site held instead of blocked, for as long as its epoch does not move; what waits there is judged again."""
    key, policy = block.site, in_force(tx)
    facts = tables.load_facts(tx, [key.parcel_code])
    work = Work(tx, policy, sites, facts, {}, today(tx.now))
    site = sites[key.parcel_code][key.unit_number]
    here = facts[key.parcel_code]
    work.stand(here, rules.known_at(policy, here, key.unit_number), site, replace(site, reversed_epoch=site.epoch), command)
    work.blocks = {each: replace(begun, after_appeal_of=block.block_id) for each, begun in work.blocks.items()}
    work.moved.add(key)
    judge_clearances(work, Touched(parcels={key.parcel_code: command}))
    work.save()
    return work.messages


def _event(tx: Transaction, block: Block, unit: Unit) -> ClearanceReviewed:
    code = block.site.parcel_code
    return appeal_event(block, unit, township_of(tables.load_facts(tx, [code])[code], None))
