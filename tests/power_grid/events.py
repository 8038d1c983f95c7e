"""What power_grid hears, as the tests tell it: parcels, grades, and filings event by event."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from chassis.testing import NOON
from contracts.land_check import GradeRecorded, LandFindings, LandVerdictIssued, ParcelChanged, StatementView, UnitVerdict
from contracts.policy import CURRENT
from contracts.registration import (
    DecisionSummary,
    FilingAccepted,
    FilingAmended,
    FilingClosed,
    FilingEvent,
    FilingFacts,
    FilingHeld,
    FilingRefused,
    FilingSubmitted,
    FilingWithdrawn,
)
from contracts.vocabulary import Action, FilingStatus, Grade, LandVerdict, Outcome, Premises, StatementOutcome, SubjectType

LATER = NOON + timedelta(hours=1)
XINPU, ZHOUXIANG = "330282112", "330282121"
HOUSE, FACTORY, SHOP = "330282112001JC00001", "330282121001GB00001", "330282121001GB00002"
USCC_A, USCC_B = "91330282MA2AAAAA1C", "91330282MA2BBBBB1L"
NAME = "慈溪某某电器有限公司"
FAR, NEAR = date(2040, 1, 1), date(2029, 1, 1)
MAKER, TRADER = "3851", "5212"
SHA = "0" * 64


def parcel(
    code: str = HOUSE,
    verdict: LandVerdict = LandVerdict.NON_INDUSTRIAL,
    *,
    version: int = 1,
    units: dict[str, LandVerdict] | None = None,
    planned: date | None = None,
    at: datetime = NOON,
) -> ParcelChanged:
    """A parcel as land_check tells of it."""
    return ParcelChanged(
        parcel_code=code,
        township_code=XINPU,
        version=version,
        land_verdict=verdict,
        units=tuple(UnitVerdict(unit_number=unit, land_verdict=land) for unit, land in (units or {}).items()),
        planned_implementation=planned,
        policy=CURRENT.ref,
        changed_at=at,
    )


def _filed(code: str | None, unit: str | None, industry: str, action: Action, uscc: str | None, name: str) -> FilingFacts:
    return FilingFacts(
        action=action,
        subject_type=SubjectType.COMPANY,
        enterprise_name=name,
        uscc=uscc,
        industry_code=industry,
        premises=Premises(township_code=XINPU, address="新浦镇某村1号", parcel_code=code, unit_number=unit),
        submitted_at=NOON,
    )


class Filed:
    """One filing, told event by event: each call is the next event of its stream."""

    def __init__(
        self,
        filing_id: str = "fil-1",
        code: str | None = HOUSE,
        *,
        unit: str | None = None,
        industry: str = MAKER,
        action: Action = Action.ESTABLISH,
        uscc: str | None = None,
        name: str = NAME,
    ) -> None:
        self.filing_id, self.code, self.unit, self.industry = filing_id, code, unit, industry
        self.action, self.uscc, self.name = action, uscc, name
        self.version, self.revision = 0, 1

    @property
    def manufacturing(self) -> bool:
        return CURRENT.is_manufacturing(self.industry)

    def _event(self, kind: type[FilingEvent], **more: Any) -> Any:
        self.version += 1
        return kind.model_validate(
            {
                "filing_id": self.filing_id,
                "version": self.version,
                "revision": self.revision,
                "enterprise_name": self.name,
                "uscc": self.uscc,
                "township_code": XINPU,
                "parcel_code": self.code,
                "unit_number": self.unit,
                **more,
            }
        )

    def _facts(self) -> FilingFacts:
        return _filed(self.code, self.unit, self.industry, self.action, self.uscc, self.name)

    def submitted(self) -> FilingSubmitted:
        event: FilingSubmitted = self._event(FilingSubmitted, filing=self._facts())
        return event

    def amended(self, code: str | None, *, unit: str | None = "") -> FilingAmended:
        """Filed anew for this parcel; ``unit``: by default the one filed before."""
        self.revision += 1
        self.code, self.unit = code, self.unit if unit == "" else unit
        event: FilingAmended = self._event(FilingAmended, filing=self._facts())
        return event

    def given_uscc(self, uscc: str) -> FilingAmended:
        self.uscc = uscc
        event: FilingAmended = self._event(FilingAmended, filing=self._facts())
        return event

    def _decided(self, kind: type[FilingEvent], status: FilingStatus, outcome: Outcome, at: datetime) -> Any:
        decision = DecisionSummary(
            outcome=outcome,
            land_verdict=LandVerdict.INDUSTRIAL,
            statement=StatementOutcome.NOT_REQUIRED,
            policy=CURRENT.ref,
            decided_at=at,
        )
        return self._event(
            kind, status=status, action=self.action, industry_code=self.industry, manufacturing=self.manufacturing, decision=decision
        )

    def held(self) -> FilingHeld:
        event: FilingHeld = self._decided(FilingHeld, FilingStatus.HELD, Outcome.HOLD, NOON)
        return event

    def set_aside(self, at: datetime = LATER) -> FilingHeld:
        """Its decision was set aside: held until the governance office has said its word."""
        event: FilingHeld = self._decided(FilingHeld, FilingStatus.HELD, Outcome.HOLD, at)
        reasons = (CURRENT.reason("set_aside_review").ref(),)
        return event.model_copy(update={"decision": event.decision.model_copy(update={"reasons": reasons})})

    def accepted(self, at: datetime = NOON) -> FilingAccepted:
        event: FilingAccepted = self._decided(FilingAccepted, FilingStatus.ACCEPTED, Outcome.ACCEPT, at)
        return event

    def refused(self) -> FilingRefused:
        event: FilingRefused = self._decided(FilingRefused, FilingStatus.REFUSED, Outcome.REFUSE, NOON)
        return event

    def withdrawn(self, at: datetime = NOON) -> FilingWithdrawn:
        event: FilingWithdrawn = self._event(FilingWithdrawn, manufacturing=self.manufacturing, withdrawn_at=at)
        return event

    def closed(self, duplicate_of: str) -> FilingClosed:
        decision = self.held().decision
        event: FilingClosed = self._event(FilingClosed, duplicate_of=duplicate_of, decision=decision)
        return event

    def judged(
        self,
        verdict: LandVerdict,
        *,
        statement: StatementOutcome = StatementOutcome.NOT_REQUIRED,
        at: datetime = NOON,
        code: str | None = "",
        planned: date | None = None,
    ) -> LandVerdictIssued:
        """The verdict on the filing as it is now; ``code``: the parcel matched, by default the one filed."""
        matched = self.code if code == "" else code
        land = LandFindings(
            land_verdict=verdict,
            township_code=XINPU,
            parcel_code=matched,
            unit_number=self.unit,
            planned_implementation=planned,
            statement=StatementView(outcome=statement, statement_id="stm-1"),
        )
        return LandVerdictIssued(
            filing_id=self.filing_id,
            enterprise_name=self.name,
            township_code=XINPU,
            parcel_code=matched,
            unit_number=self.unit,
            revision=self.revision,
            land=land,
            policy=CURRENT.ref,
            judged_at=at,
        )


def graded(uscc: str, grade: Grade, year: int = 2025) -> GradeRecorded:
    return GradeRecorded(uscc=uscc, year=year, grade=grade)
