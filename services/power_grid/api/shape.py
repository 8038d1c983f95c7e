"""Records as the public surface shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from chassis.answer import Answer, respond
from chassis.auth import Principal
from chassis.clock import rfc3339
from chassis.policies import named
from chassis.preconditions import etag
from contracts.policy import Text
from contracts.vocabulary import LandVerdict, PolicyRef, PowerDecision, Role
from services.power_grid import domain
from services.power_grid.api.tokens import ClearanceTokens
from services.power_grid.domain import Appeal, Block, Clearance, FeedEntry, Finding, Manufacturing, Override, Past, Reason, Site, SiteKey
from services.power_grid.handlers import SiteThen, SiteView, shown_reasons
from services.power_grid.handlers.blocks import OWNERS

NOT_KNOWN = Text(
    zh="当时本系统对该宗地尚无记录，按用途不明答复",
    en="nothing was known of this parcel then: it is answered as unknown land",
)
NOT_KEPT = Text(
    zh="该宗地在 {since} 之前的情况未存档，按用途不明答复",
    en="what was known of this parcel before {since} was not kept: it is answered as unknown land",
)


READ_APPEALS = (Role.CLERK, Role.GRID, Role.REVIEWER, Role.AUDITOR)


def answered(answer: Answer) -> Response:
    return respond(answer.status, answer.encoded(), answer.headers)


def reasons_json(reasons: Sequence[Reason], policy: PolicyRef) -> list[dict[str, Any]]:
    """In the words of the set that gave them."""
    return shown_reasons(named(policy), reasons)


def policy_json(policy: PolicyRef) -> dict[str, Any]:
    return {"id": policy.id, "version": policy.version}


def clearance_json(clearance: Clearance, tokens: ClearanceTokens, principal: Principal) -> dict[str, Any]:
    """A clearance; its token is for the power company alone."""
    request, site = clearance.request, clearance.site
    token = tokens.token(clearance) if principal.has(Role.GRID) else None
    return {
        "clearance_id": clearance.clearance_id,
        "version": clearance.version,
        "request_id": request.request_id,
        "kind": request.kind,
        "parcel_code": request.parcel_code if site is None else site.parcel_code,
        "unit_number": request.unit_number if site is None else site.unit_number,
        "filing_id": request.filing_id,
        "capacity_kva": request.capacity_kva,
        "existing_capacity_kva": request.existing_capacity_kva,
        "declared_industry_code": request.declared_industry_code,
        **_answer_json(clearance.answer, clearance.site_epoch),
        "token": token,
        "expires_at": rfc3339(tokens.expires_at(clearance)) if clearance.allowed else None,
        "notify": clearance.answer.notify,
        "policy": policy_json(clearance.answer.policy),
        "requested_at": rfc3339(clearance.requested_at),
        "decided_at": rfc3339(clearance.decided_at),
        "committed_at": None if clearance.committed_at is None else rfc3339(clearance.committed_at),
        "reviews": [
            {"code": review.code, "result": review.result, "unit": review.unit, "reason": review.reason, "at": rfc3339(review.at)}
            for review in clearance.reviews
        ],
        "history": [_past_json(past) for past in clearance.history],
    }


def _past_json(past: Past) -> dict[str, Any]:
    return {**_answer_json(past.answer, past.site_epoch), "policy": policy_json(past.answer.policy), "decided_at": rfc3339(past.decided_at)}


def _answer_json(answer: domain.Answer, epoch: int) -> dict[str, Any]:
    return {
        "decision": answer.decision,
        "proposed": answer.proposed,
        "reasons": reasons_json(answer.reasons, answer.policy),
        "land_verdict": answer.land,
        "site_epoch": epoch,
        "overridden": answer.overridden,
        "appeal_reversed": answer.appeal_reversed,
    }


def clearance_answer(clearance: Clearance, tokens: ClearanceTokens, principal: Principal, status: int = 200) -> Answer:
    headers = etag(clearance.version)
    if status == 201:
        headers = {**headers, "Location": f"/power-grid/v1/clearances/{clearance.clearance_id}"}
    return Answer(status, clearance_json(clearance, tokens, principal), headers)


def site_json(view: SiteView) -> dict[str, Any]:
    return {
        "parcel_code": view.key.parcel_code,
        "unit_number": view.key.unit_number,
        "township_code": view.township_code,
        "land_verdict": view.land,
        "manufacturing": [manufacturing_json(use) for use in view.manufacturing],
        **phases_json(view.answer),
        "appeal_reversed": view.answer.appeal_reversed,
        "watch_until": view.watch_until,
        "site_epoch": view.epoch,
        "block_id": view.block_id,
        "policy": policy_json(view.policy),
        "as_of": rfc3339(view.as_of),
    }


def site_then_json(then: SiteThen) -> dict[str, Any]:
    """As it was answered then; where nothing was known, or what was known was not kept, that is said."""
    shown = site_json(then.view)
    if then.known:
        return shown
    note = NOT_KEPT if then.copied else NOT_KNOWN
    told = {"zh": note.zh.format(since=then.recorded_from), "en": note.en.format(since=then.recorded_from)}
    return {**shown, "recorded_from": then.recorded_from, "note": told}


def phases_json(answer: domain.Answer) -> dict[str, Any]:
    """Three-phase and single-phase answers of a place. Source of the second: no clause restricts it (R04, R21)."""
    out = answer.land is LandVerdict.OUT_OF_AREA
    return {
        "three_phase": answer.decision,
        "single_phase": PowerDecision.REFER if out else PowerDecision.NOT_RESTRICTED,
        "proposed": answer.proposed,
        "reasons": reasons_json(answer.reasons, answer.policy),
    }


def manufacturing_json(use: Manufacturing) -> dict[str, Any]:
    return {
        "source": use.source,
        "filing_id": use.filing_id,
        "enterprise_name": use.enterprise_name,
        "industry_code": use.industry_code,
        "since": use.since,
    }


def feed_entry_json(entry: FeedEntry) -> dict[str, Any]:
    return {
        "type": entry.type,
        "block_id": entry.block_id,
        **_place_json(entry.site),
        "streamseq": entry.streamseq,
        "reasons": reasons_json(entry.reasons, entry.policy),
        "policy": policy_json(entry.policy),
        "at": rfc3339(entry.at),
    }


def standing_json(site: Site) -> dict[str, Any]:
    """A line of the snapshot: what stands at a site, as the feed said it last."""
    return {
        "type": f"{site.standing}_imposed",
        "block_id": site.block_id,
        **_place_json(site.key),
        "streamseq": site.streamseq,
        "reasons": reasons_json(site.reasons, site.policy),
        "policy": policy_json(site.policy),
        "at": None if site.imposed_at is None else rfc3339(site.imposed_at),
    }


def block_json(block: Block, principal: Principal) -> dict[str, Any]:
    """A block or hold; what was said in an appeal is for those who file, decide or audit it."""
    return {
        "block_id": block.block_id,
        "type": block.standing,
        **_place_json(block.site),
        "streamseq": block.streamseq,
        "reasons": reasons_json(block.reasons, block.policy),
        "policy": policy_json(block.policy),
        "at": rfc3339(block.imposed_at),
        "lifted_at": None if block.lifted_at is None else rfc3339(block.lifted_at),
        "acknowledgements": [
            {"unit": unit, "at": rfc3339(block.acknowledged[unit]) if unit in block.acknowledged else None} for unit in OWNERS
        ],
        "appeal": None if block.appeal is None else appeal_json(block, block.appeal, principal),
        "after_appeal_of": block.after_appeal_of,
    }


def block_version(block: Block) -> int:
    """Everything that happens to a block is dated and happens once: imposed, acknowledged by each owner, appealed, decided, lifted."""
    appealed = () if block.appeal is None else (block.appeal.filed_at, block.appeal.decided_at)
    return 1 + len(block.acknowledged) + sum(moment is not None for moment in (block.lifted_at, *appealed))


def block_answer(block: Block, principal: Principal) -> Answer:
    return Answer(200, block_json(block, principal), etag(block_version(block)))


def appeal_json(block: Block, appeal: Appeal, principal: Principal) -> dict[str, Any]:
    """As on filings; an open one ends with its block."""
    shown = {
        "state": appeal_state(block),
        "filed_at": rfc3339(appeal.filed_at),
        "decided_at": None if appeal.decided_at is None else rfc3339(appeal.decided_at),
        "reason": appeal.reason,
    }
    if not principal.has(*READ_APPEALS):
        return shown
    return {**shown, "text": appeal.text, "documents": list(appeal.documents), "document_sha256": appeal.document_sha256}


def appeal_state(block: Block) -> str | None:
    """``open``, ``upheld``, ``reversed``, or ``lapsed``: the block was lifted before the appeal was decided."""
    if block.appeal is None:
        return None
    return "lapsed" if block.appeal.state == "open" and block.lifted_at is not None else block.appeal.state


def override_json(override: Override) -> dict[str, Any]:
    return {
        "override_id": override.override_id,
        "block_id": override.block_id,
        **_place_json(override.site),
        "state": "in_force" if override.in_force else "one_signature",
        "signed": [signature.unit for signature in override.signatures],
        "reason": override.reason,
        "document_sha256": override.document_sha256,
        "site_epoch": override.epoch,
    }


def override_answer(override: Override) -> Answer:
    """202 until the second unit has signed. Its version is the number of signatures."""
    return Answer(200 if override.in_force else 202, override_json(override), etag(len(override.signatures)))


def finding_answer(finding: Finding, status: int = 200) -> Answer:
    """A finding changes once: it is closed."""
    return Answer(status, finding_json(finding), etag(1 if finding.closed_at is None else 2))


def finding_json(finding: Finding) -> dict[str, Any]:
    return {
        "finding_id": finding.finding_id,
        "state": finding.state,
        "kind": finding.kind,
        **_place_json(finding.site),
        "industry_code": finding.industry_code,
        "capacity_kva": finding.capacity_kva,
        "observed_on": finding.observed_on,
        "note": finding.note,
        "document_sha256": finding.document_sha256,
        "recorded_at": rfc3339(finding.recorded_at),
        "closed_at": None if finding.closed_at is None else rfc3339(finding.closed_at),
    }


def _place_json(key: SiteKey) -> dict[str, Any]:
    return {"parcel_code": key.parcel_code, "unit_number": key.unit_number}
