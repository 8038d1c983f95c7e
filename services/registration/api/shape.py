"""How filings and decisions are shown: stored codes with the texts of the policy's catalogue, the applicant's person to few."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chassis.answer import Answer
from chassis.auth import Principal
from chassis.clock import today
from chassis.policies import named
from chassis.preconditions import etag
from contracts.vocabulary import Role
from services.registration.domain import Decision, Filing, SetAside, entry_of
from services.registration.rules.period import Deadline, deadlines_of

BASE = "/registration/v1"


def filing_json(filing: Filing, reader: Principal) -> dict[str, Any]:
    """The filing as ``reader`` may see it."""
    appeal = filing.said.appeal
    return {
        "filing_id": filing.filing_id,
        "version": filing.version,
        "status": filing.status,
        "submitted_at": filing.submitted_at,
        **filing.request,
        "uscc": filing.uscc,
        "applicant": filing.request["applicant"] if sees_the_applicant(reader, filing) else None,
        "matched_by": filing.matched_by,
        "decision": decision_json(filing.decision),
        "duplicate_of": filing.duplicate_of,
        "answers": filing.said.answers,
        "appeal": None
        if appeal is None
        else {"state": appeal.state, "filed_at": appeal.filed_at, "decided_at": appeal.decided_at, "reason": appeal.reason},
        "set_aside": [set_aside_json(each) for each in filing.said.set_aside],
        "corrections": filing.said.corrections,
        "deadlines": [deadline_json(each) for each in filing_deadlines(filing)],
        "history_url": f"{BASE}/filings/{filing.filing_id}/history",
    }


def set_aside_json(each: SetAside) -> dict[str, Any]:
    """The decision as it stood, and how it was set aside."""
    return {
        "at": each.at,
        "by": each.by,
        "unit": each.unit,
        "reason": each.reason,
        "document_sha256": each.document_sha256,
        "decision": decision_json(each.decision),
    }


def filing_deadlines(filing: Filing) -> tuple[Deadline, ...]:
    return deadlines_of(filing.status, today(datetime.fromisoformat(filing.submitted_at)), filing.decision, filing.said)


def deadline_json(deadline: Deadline) -> dict[str, Any]:
    """As it stands in this version of the filing; what it is today, the list of deadlines says."""
    since = deadline.paused_since
    return {
        "kind": deadline.kind,
        "due": deadline.due and deadline.due.isoformat(),
        "paused_since": since and since.isoformat(),
        "owner": deadline.owner,
    }


def sees_the_applicant(reader: Principal, filing: Filing) -> bool:
    """Name and phone are for clerks, auditors, and the integrator that sent them."""
    return reader.has(Role.CLERK, Role.AUDITOR) or (reader.has(Role.INTEGRATOR) and reader.sub == filing.submitted_by)


def decision_json(decision: Decision) -> dict[str, Any]:
    policy = named(decision.policy)
    return {
        "outcome": decision.outcome,
        "flags": decision.flags,
        "tags": decision.tags,
        "land_verdict": decision.land_verdict,
        "statement": decision.statement,
        "reasons": [entry_of(policy, reason).shown(reason.due) for reason in decision.reasons],
        "policy": {"id": decision.policy.id, "version": decision.policy.version},
        "policy_confirmed": policy.set.confirmed_by is not None,
        "facts": [{"name": fact.name, "value": fact.value, "source": fact.source, "as_of": fact.as_of} for fact in decision.facts],
        "notify": decision.notify,
        "would_change_if": [str(entry_of(policy, reason).would_change_if) for reason in decision.reasons],
        "decided_at": decision.decided_at,
    }


def shown(filing: Filing, reader: Principal) -> Answer:
    """200 with the filing and its version."""
    return Answer(200, filing_json(filing, reader), etag(filing.version))


def created(filing: Filing, reader: Principal) -> Answer:
    """201 with the filing, its version and where it is."""
    return Answer(201, filing_json(filing, reader), {"Location": f"{BASE}/filings/{filing.filing_id}", **etag(filing.version)})
