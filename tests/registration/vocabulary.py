"""Words for the tests of registration: filings as sent, findings of the land side, a service to call."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import httpx

from chassis.auth import Principal
from chassis.clock import CITY, FixedClock
from chassis.database import Database
from chassis.messages import Message, Result
from chassis.problems import Problem
from chassis.service import Service
from chassis.testing import NOON, command, database, principal, received, run_handler
from contracts.envelope import Event
from contracts.land_check import LandFindings, LandVerdictIssued, StatementView
from contracts.policy import CURRENT
from contracts.registration import FilingFacts
from contracts.vocabulary import LandVerdict, StatementFinding, StatementOutcome
from services.registration import handlers, tables
from services.registration.api.requests import FilingSent
from services.registration.app import create
from services.registration.domain import Decision, Filing, Said, Submission
from services.registration.rules import decide
from services.registration.settings import RegistrationSettings

MIGRATIONS = Path(handlers.__file__).parent.parent / "migrations"
TODAY = NOON.astimezone(CITY).date()
XINPU, ZHOUXIANG, BAISHALU, ANDONG = "330282112", "330282121", "330282005", "330282118"
HOMESTEAD = "330282112001JC00001"
FACTORY = "330282121001GB00001"
USCC_A, USCC_B = "91330282MA2AAAAA1C", "91330282MA2BBBBB1L"
SHA = "0" * 64

clerk = principal("clerk", sub="clerk-1")
integrator = principal("integrator", sub="agent-1")


def sent(**changes: Any) -> dict[str, Any]:
    """A manufacturer of household appliances in a village house, as a caller sends it. ``premises__x`` changes a field of the premises."""
    premises = {
        "township_code": XINPU,
        "address": "新浦镇某村1号",
        "parcel_code": HOMESTEAD,
        "unit_number": None,
        "point": None,
        "used_for_production": True,
    }
    inner = {name.removeprefix("premises__"): value for name, value in changes.items() if name.startswith("premises__")}
    body: dict[str, Any] = {
        "action": "establish",
        "subject_type": "company",
        "enterprise_name": "慈溪某某电器有限公司",
        "uscc": None,
        "industry_code": "3851",
        "processes": [],
        "business_scope": "小家电制造",
        "premises": premises | inner,
        "production_premises": None,
        "applicant": {"name": "张三", "phone": "13800000000"},
        "controller": None,
        "park_id": None,
        "new_land": None,
    }
    return body | {name: value for name, value in changes.items() if "__" not in name}


def submission(**changes: Any) -> Submission:
    return FilingSent.model_validate(sent(**changes)).submitted(NOON)


def facts(**changes: Any) -> FilingFacts:
    return submission(**changes).facts


def land(verdict: str, statement: str = "undetermined", *findings: str, **more: Any) -> LandFindings:
    """Findings with this verdict, and this outcome of the statement; ``findings`` of the paper that counts."""
    paper = StatementView(
        outcome=StatementOutcome(statement),
        statement_id=more.pop("statement_id", "S1" if findings or statement == "required_valid" else None),
        findings=tuple(StatementFinding(finding) for finding in findings),
        declined=more.pop("declined", False),
    )
    return LandFindings(
        **{"land_verdict": LandVerdict(verdict), "township_code": XINPU, "parcel_code": HOMESTEAD, "statement": paper, **more}
    )


def decided(filing: FilingFacts, findings: LandFindings, said: Said | None = None, today: date = TODAY, **switches: Any) -> Decision:
    policy = CURRENT.with_switches(switches) if switches else CURRENT
    return decide(filing, findings, said or Said(), policy, today)


def refused_with(answer: Any) -> tuple[int, str]:
    """Status and code of the problem that a handler answered with."""
    assert isinstance(answer, Problem)
    return answer.status, answer.code


def codes(decision: Decision) -> list[str]:
    return [str(reason.code) for reason in decision.reasons]


def verdict_on(filing: Filing, findings: LandFindings, revision: int | None = None) -> LandVerdictIssued:
    """The land verdict of the filing as it is, or of an earlier revision, at noon."""
    return LandVerdictIssued(
        filing_id=filing.filing_id,
        enterprise_name=filing.name,
        township_code=findings.township_code,
        parcel_code=findings.parcel_code,
        unit_number=findings.unit_number,
        revision=revision or filing.revision,
        land=findings,
        policy=CURRENT.ref,
        judged_at=NOON,
    )


class Office:
    """A registration of its own: handlers run one after the other on a real database; ``said`` are the events so far."""

    def __init__(self, db: Database, clock: FixedClock) -> None:
        self.db = db
        self.clock = clock
        self.said: list[Event] = []

    def run(self, handler: Any, batch: list[Any]) -> Result:
        result = run_handler(self.db, handler, batch)
        self.said += [message.event for message in result.messages]
        return result

    def submit(self, *submissions: Submission, by: Principal = clerk) -> Any:
        """The answers; one alone is not in a list."""
        answers = self.run(handlers.submit, [command(each, by) for each in submissions]).answers
        return answers[0] if len(answers) == 1 else answers

    def hear(self, filing: Filing, findings: LandFindings, revision: int | None = None) -> Filing:
        self.run(handlers.hear_land_verdicts, [received(verdict_on(filing, findings, revision))])
        return self.read(filing)

    def act(self, handler: Any, filing: Filing, what: Any = None, by: Principal = clerk) -> Any:
        act = handlers.Act(filing.filing_id, filing.version, what)
        return self.run(handler, [command(act, by)]).answers[0]

    def day_ends(self) -> list[Message]:
        """What the deadline job says."""

        def work(tx: Any) -> list[Message]:
            return handlers.refuse_overdue(tx).messages

        return self.db.write_sync(work)

    def read(self, filing: Filing) -> Filing:
        row = self.db.read_sync(lambda tx: tables.by_id(tx, filing.filing_id))
        assert row is not None
        return tables.filing_of(row)

    def history(self, filing: Filing) -> list[tuple[int, str, str]]:
        rows = self.db.read_sync(lambda tx: tables.history(tx, filing.filing_id))
        return [(row.version, row.event, row.by) for row in rows]

    def names(self) -> list[str]:
        """The types of the events so far, without publisher and version."""
        return [event.type.split(".")[1] for event in self.said]


@contextmanager
def office() -> Iterator[Office]:
    clock = FixedClock(NOON)
    with database(migrations=MIGRATIONS, clock=clock) as db:
        yield Office(db, clock)


class Caller:
    """HTTP calls as one principal."""

    def __init__(self, client: httpx.AsyncClient, token: str | None) -> None:
        self.client = client
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    async def __call__(self, method: str, path: str, body: Any = None, version: int | None = None, **headers: str) -> httpx.Response:
        more = {"If-Match": f'"{version}"'} if version is not None else {}
        extra = {name.replace("_", "-"): value for name, value in headers.items()}
        content = {"content": body} if isinstance(body, bytes) else {"json": body} if body is not None else {}
        return await self.client.request(method, f"/registration/v1{path}", headers={**self.headers, **more, **extra}, **content)


class Door:
    """A started service and callers of any role."""

    def __init__(self, service: Service, client: httpx.AsyncClient) -> None:
        self.service = service
        self.clock: FixedClock = service.clock  # type: ignore[assignment]
        self._client = client

    def caller(self, *roles: str, **claims: Any) -> Caller:
        token = self.service.gatekeeper._verifier.token(claims.pop("sub", "-".join(roles)), roles=list(roles), **claims)  # type: ignore[attr-defined]
        return Caller(self._client, token)

    def stranger(self) -> Caller:
        return Caller(self._client, None)

    async def hear(self, filing: dict[str, Any], findings: LandFindings) -> None:
        """The land verdict of revision 1 arrives."""
        event = LandVerdictIssued(
            filing_id=filing["filing_id"],
            enterprise_name=filing["enterprise_name"],
            township_code=findings.township_code,
            parcel_code=findings.parcel_code,
            unit_number=None,
            revision=1,
            land=findings,
            policy=CURRENT.ref,
            judged_at=NOON,
        )
        heard = [received(event)]
        await self.service.database.write(lambda tx: self.service.publish(tx, handlers.hear_land_verdicts(heard, tx).messages))


@asynccontextmanager
async def door(data: Path, peers: httpx.AsyncClient | None = None) -> AsyncIterator[Door]:
    service = create(RegistrationSettings(data=data), peers=peers, clock=FixedClock(NOON))
    await service.start()
    try:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(service.app), base_url="http://test") as client:
            yield Door(service, client)
    finally:
        await service.stop()
