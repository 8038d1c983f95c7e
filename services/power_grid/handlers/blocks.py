"""Acknowledge a block, override it with two signatures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chassis.clock import today
from chassis.database import Transaction
from chassis.identifiers import new_id
from chassis.messages import Command, Message, Result
from chassis.policies import in_force
from chassis.problems import Problem
from contracts.values import dataclass
from contracts.vocabulary import Unit
from services.power_grid import errors, rules, tables
from services.power_grid.domain import Block, Override, Signature, Site, Standing
from services.power_grid.handlers.saying import acknowledged_event
from services.power_grid.handlers.settling import Touched, Work, catch_up, judge_clearances, township_of

OWNERS = (Unit.PSC, Unit.AMR)
"""The two lead units of tasks 18 and 19: each confirms that it has seen a block."""


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """``owner``: in whose name, one of ``OWNERS``."""

    block_id: str
    owner: Unit


@dataclass(frozen=True, slots=True)
class SignOverride:
    block_id: str
    reason: str
    document_sha256: str


def acknowledge_blocks(batch: Sequence[Command[Acknowledge]], tx: Transaction) -> Result:
    """Note that an owner has seen a block or hold; said again, it changes nothing."""
    result = Result()
    blocks = tables.blocks_of(tx, {command.data.block_id for command in batch})
    facts = tables.load_facts(tx, sorted({block.site.parcel_code for block in blocks.values()}))
    for command in batch:
        block = blocks.get(command.data.block_id)
        if block is None:
            result.answers.append(errors.block_not_found())
            continue
        if command.data.owner not in block.acknowledged:
            block = replace(block, acknowledged={**block.acknowledged, str(command.data.owner): tx.now})
            blocks[block.block_id] = block
            township = township_of(facts[block.site.parcel_code], None)
            result.messages.append(Message.because(command, acknowledged_event(block, command.data.owner, tx.now, township)))
        result.answers.append(block)
    tables.save_blocks(tx, blocks.values())
    return result


def sign_overrides(batch: Sequence[Command[SignOverride]], tx: Transaction) -> Result:
    """Sign an override; with the second unit it is in force and the waiting clearances of the site are allowed."""
    result = Result()
    for command in batch:
        messages, answer = _sign(command, tx)
        result.messages += messages
        result.answers.append(answer)
    return result


def _sign(command: Command[SignOverride], tx: Transaction) -> tuple[list[Message], Override | Problem]:
    policy, data = in_force(tx), command.data
    if not rules.may_sign(policy, command.principal.unit):
        return [], errors.not_a_signatory(rules.signatories(policy))
    block = tables.blocks_of(tx, [data.block_id]).get(data.block_id)
    if block is None:
        return [], errors.block_not_found()
    messages = catch_up(tx, policy, block.site.parcel_code, command)
    sites = tables.claim_sites(tx, [block.site.parcel_code])
    site = sites[block.site.parcel_code].get(block.site.unit_number)
    if site is None or site.block_id != block.block_id or (site.standing is not Standing.BLOCK and not site.reversed):
        return messages, errors.nothing_to_override()
    override = _signed(command, tx, block, site)
    if isinstance(override, Problem) or not override.in_force or site.overridden:
        return messages, override
    work = Work(tx, policy, sites, {}, {}, today(tx.now))
    work.facts = tables.load_facts(tx, [site.key.parcel_code])
    work.put(replace(site, override_epoch=site.epoch))
    work.moved.add(site.key)  # the epoch stays, or the override would end itself; what waits there is judged again
    judge_clearances(work, Touched(parcels={site.key.parcel_code: command}))
    work.save()
    return [*messages, *work.messages], override


def _signed(command: Command[SignOverride], tx: Transaction, block: Block, site: Site) -> Override | Problem:
    """The override with this signature on it, saved."""
    data, unit = command.data, Unit(str(command.principal.unit))
    signature = Signature(unit, command.principal.sub, tx.now)
    earlier = [override for override in tables.overrides_of_block(tx, block.block_id) if override.epoch == site.epoch]
    if not earlier:
        signed = Override(new_id("ovr_"), block.block_id, site.key, site.epoch, data.reason, data.document_sha256, (signature,), False)
    else:
        first = earlier[-1]
        if first.in_force:
            return first
        units, subjects = {s.unit for s in first.signatures}, {s.sub for s in first.signatures}
        same = (first.reason, first.document_sha256) == (data.reason, data.document_sha256)
        if unit in units or command.principal.sub in subjects or not same:
            return errors.second_unit_needed([str(s.unit) for s in first.signatures])
        signed = replace(first, signatures=(*first.signatures, signature), in_force=True)
    tables.save_overrides(tx, [signed])
    return signed
