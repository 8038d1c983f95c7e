"""Plays one case: its facts become calls, and what the offices then see is read back. Nothing here knows what ought to come out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from chassis.clock import today
from contracts.identifiers import uscc_check_character
from contracts.reference import townships
from deploy.demo.cases import Case, Decided
from deploy.demo.city import PATIENCE, City, Record

SYNTHETIC_DISTRICT = "901"
"""Cadastral district of every parcel of the demonstration: no real one has it."""
HOMESTEAD_CODES = frozenset({"0702", "0703"})
NEW_KVA, EXISTING_KVA, INCREASED_KVA = 315, 100, 250
SECOND_OFFICER = "演示二号 officer 2"


@dataclass(frozen=True, slots=True)
class Played:
    """What came out. ``clauses``: document and section of every reason given."""

    case: Case
    decided: Decided
    clauses: tuple[str, ...]
    filing_id: str | None
    parcel_code: str | None


class Stage:
    """``unreachable()`` keeps land_check from hearing anything while it lasts; ``now`` is the time the system goes by."""

    def __init__(self, city: City, now: datetime, unreachable: Callable[[], AbstractContextManager[Any]] = nullcontext) -> None:
        self._city = city
        self._today = today(now)
        self._unreachable = unreachable

    def play(self, case: Case, number: int) -> Played:
        """``number`` makes the case's parcel, enterprise and requests its own."""
        return _Play(self._city, case, number, self._today).run(self._unreachable if case.verdict_pending else nullcontext)


class _Play:
    def __init__(self, city: City, case: Case, number: int, day: Any) -> None:
        self._city = city
        self._case = case
        self._today = day
        self._clauses: list[str] = []
        self._name = f"demo-{number:04d}"
        on_the_map = case.registered_use or case.survey_use
        self._parcel = parcel_code(case, number) if on_the_map else None
        self._enterprise = case.enterprise_name or f"慈溪示例{number:04d}号企业"
        first_17 = f"91330282MA9{number:06d}"
        self._uscc = first_17 + uscc_check_character(first_17)

    def run(self, unreachable: Callable[[], AbstractContextManager[Any]]) -> Played:
        case, city = self._case, self._city
        if self._parcel is not None:
            city.record_parcel(self._parcel_record("unchanged" if case.filing == "registered" else case.planned_use))
            if case.filing is None:
                self._heard_of_the_parcel()
        if case.grade is not None:
            city.record_grade(self._uscc, self._today.year - 1, case.grade)
        with unreachable():
            filing = None if case.filing is None else self._filed()
            if filing is not None and case.filing == "registered":
                filing = self._registered(filing)
            clearance = self._cleared(case.power_kind, filing)
            single = self._cleared("single_phase", filing)
            if filing is not None:
                filing_id = filing["filing_id"]
                filing = city.steady(lambda: city.filing(filing_id))
            return self._read(filing, clearance, single)

    def _filed(self) -> Record:
        """The filing, with whatever paper belongs to it, as decided."""
        case, city = self._case, self._city
        if case.action == "amend_premises":
            self._registered(self._submit("before", self._premises(self._parcel_elsewhere()), action="establish"))
        if case.statement in ("REVOKED", "FORGED"):
            paper = city.bring_paper(self._paper(None), case.township_code, f"{self._name}-paper")
            city.denounce(paper, {"REVOKED": "revoke", "FORGED": "report-forged"}[case.statement], case.township_code)
        filing = self._submit("filing", self._premises(self._parcel))
        if case.filing == "duplicate":
            filing = self._submit("again", self._premises(self._parcel))
        if filing["status"] == "held":
            filing = self._statement_given(filing)
        return filing

    def _statement_given(self, filing: Record) -> Record:
        case, city = self._case, self._city
        if case.statement == "NONE_CONFIRMED":
            return city.act(filing, "declare-no-statement")
        if case.statement == "VALID":
            good = {name: value for name, value in self._paper(None).items() if name in ISSUED_WITH}
            city.issue_statement(filing["filing_id"], case.township_code, good)
            return city.changed(filing)
        changes: Record = {}
        if case.statement == "WRONG_TOWNSHIP":
            other = next(each for each in townships() if each.code != case.township_code)
            changes = {"issuer": {"type": "township", "township_code": other.code, "name": other.issuer_zh}}
        elif case.statement == "OTHER_PREMISES":
            changes = {"parcel_code": self._parcel_elsewhere()}
        if not changes:
            return filing
        city.bring_paper(self._paper(filing["filing_id"]) | changes, case.township_code, f"{self._name}-paper")
        return city.changed(filing)

    def _registered(self, filing: Record) -> Record:
        """The enterprise gets its code; then the land is what the case says it is now, and every side has heard so."""
        city = self._city
        if filing["uscc"] is None:
            filing = city.act(filing, "record-uscc", {"uscc": self._uscc})
        if self._parcel is not None and filing["premises"]["parcel_code"] == self._parcel:
            city.record_parcel(self._parcel_record(self._case.planned_use))
            self._heard_of_the_parcel()
        return filing

    def _heard_of_the_parcel(self) -> None:
        """Wait until the power side knows what the map says: between processes that takes a moment."""
        on_the_map = self._city.land_verdict(self._premises(self._parcel), self._case.industry_code)
        self._city.until(lambda: self._city.site_verdict(str(self._parcel)), lambda verdict: verdict == on_the_map)

    def _cleared(self, kind: str | None, filing: Record | None) -> Record | None:
        """The answer to a request for power, confirmed by its owner where the rules only propose."""
        if kind is None:
            return None
        city = self._city
        asked = city.ask_for_power(self._power_request(kind, filing))
        if not self._case.verdict_pending:
            city.until(lambda: city.clearance(asked["clearance_id"]), lambda one: "land_verdict_pending" not in codes(one))
        clearance: Record = city.steady(lambda: city.clearance(asked["clearance_id"]))
        if clearance["decision"] == "hold" and clearance["proposed"] == "allow":
            proposal = clearance
            for reason in proposal["reasons"]:
                clearance = city.confirm(clearance, reason)
            self._clauses += clauses_of([proposal])
        return clearance

    def _read(self, filing: Record | None, clearance: Record | None, single: Record | None) -> Played:
        case = self._case
        decision = filing["decision"] if filing else None
        stands = filing is not None and case.filing == "registered" and filing["status"] == "accepted"
        now = clearance or single or {}
        if decision is None or case.filing == "registered":  # what is asked for now, not what was decided then
            asked = self._city.statements_asked_for(str(self._parcel))
            land, statement = now["land_verdict"], "required_missing" if asked else "not_required"
        else:
            land, statement = decision["land_verdict"], decision["statement"]
        three_phase = clearance["decision"] if clearance and case.power_kind != "single_phase" else "n_a"
        answers = [answer for answer in (decision, clearance) if answer]
        return Played(
            case,
            Decided(
                land.upper(),
                statement.upper(),
                "STANDS" if stands else decision["outcome"].upper() if decision else "N_A",
                three_phase.upper(),
                single["decision"].upper() if single else "N_A",
                frozenset(unit for answer in answers for unit in answer["notify"]),
            ),
            tuple(dict.fromkeys([*clauses_of(answers), *self._clauses])),
            filing["filing_id"] if filing else None,
            self._parcel,
        )

    def _submit(self, key: str, premises: Record, **changes: Any) -> Record:
        case = self._case
        amends = case.action.startswith("amend") and "action" not in changes
        body = {
            "action": case.action,
            "subject_type": case.subject_type,
            "enterprise_name": self._enterprise,
            "uscc": self._uscc if amends else None,
            "industry_code": case.industry_code,
            "processes": ["spraying"] if case.pollutes else [],
            "business_scope": case.title,
            "premises": premises,
            "production_premises": None,
            "applicant": {"name": "演示联系人", "phone": "0574-00000000"},
            "controller": None,
            "park_id": None,
            "new_land": None if case.new_land_mu is None else {"area_mu": case.new_land_mu, "stand_alone": True},
            **changes,
        }
        return self._city.file(body, f"{self._name}-{key}", 0 if case.verdict_pending else PATIENCE)

    def _premises(self, parcel: str | None) -> Record:
        return {
            "township_code": self._case.township_code,
            "address": f"演示路{self._name}号",
            "parcel_code": parcel,
            "unit_number": None,
            "point": None,
            "used_for_production": True,
        }

    def _parcel_record(self, planned_use: str) -> Record:
        case = self._case
        later = self._today + timedelta(days=365 * (7 if case.implemented_late else 2))
        known = planned_use != "unchanged" and case.implemented_late is not None
        return {
            "parcel_code": self._parcel,
            "township_code": case.township_code,
            "in_village": case.in_village,
            "in_qianwan": None,
            "registered_use": [use_of(use) for use in case.registered_use],
            "survey_use": use_of(case.survey_use) if case.survey_use else None,
            "planned_use": planned_use,
            "transition": {"planned_implementation": later.isoformat()} if known else None,
            "inside_control_line": None,
            "park_id": None,
            "units": [],
            "addresses": [],
            "geometry": None,
            "source": "演示用虚构宗地 synthetic parcel of the demonstration",
            "as_of": self._today.isoformat(),
        }

    def _parcel_elsewhere(self) -> str:
        """Another parcel of the same township: industrial, recorded now."""
        record = self._parcel_record("unchanged")
        elsewhere = f"{self._case.township_code}{SYNTHETIC_DISTRICT}GB9{self._name[-4:]}"
        use = [{"scheme": "GB/T21010-2017", "code": "0601"}]
        self._city.record_parcel(record | {"parcel_code": elsewhere, "registered_use": use, "survey_use": None, "in_village": False})
        return elsewhere

    def _paper(self, filing_id: str | None) -> Record:
        """A statement on which everything is right."""
        town = next(each for each in townships() if each.code == self._case.township_code)
        return {
            "filing_id": filing_id,
            "issuer": {"type": "township", "township_code": town.code, "name": town.issuer_zh},
            "result": "supports",
            "enterprise_name": self._enterprise,
            "uscc": None,
            "parcel_code": self._parcel,
            "unit_number": None,
            "owner": "演示产权人 owner of the demonstration",
            "basis": "演示 demonstration",
            "second_officer": SECOND_OFFICER,
            "issued_on": self._today.isoformat(),
            "valid_to": (self._today + timedelta(days=180)).isoformat(),
            "document_sha256": sha256(self._name.encode()).hexdigest(),
            "in_village": self._case.in_village,
        }

    def _power_request(self, kind: str, filing: Record | None) -> Record:
        case = self._case
        increase = kind == "increase_three_phase"
        is_enterprise = case.applicant == "enterprise"
        return {
            "request_id": f"{self._name}-{kind}",
            "kind": kind,
            "parcel_code": self._parcel,
            "unit_number": None,
            "filing_id": filing["filing_id"] if filing else None,
            "capacity_kva": INCREASED_KVA if increase else NEW_KVA,
            "existing_capacity_kva": EXISTING_KVA if increase else None,
            "applicant": {
                "type": case.applicant,
                "name": self._enterprise if is_enterprise else "演示业主 landlord of the demonstration",
                "uscc": filing["uscc"] if filing and is_enterprise else None,
            },
            "declared_industry_code": case.industry_code,
        }


ISSUED_WITH = ("result", "owner", "basis", "second_officer", "valid_to", "document_sha256", "in_village")


def parcel_code(case: Case, number: int) -> str:
    """A code of the right form: JC for a homestead, GB for anything else."""
    homestead = any(code in HOMESTEAD_CODES for _, code in case.registered_use)
    return f"{case.township_code}{SYNTHETIC_DISTRICT}{'JC' if homestead else 'GB'}{number:05d}"


def use_of(use: tuple[str, str]) -> Record:
    return {"scheme": use[0], "code": use[1]}


def codes(answer: Record) -> set[str]:
    return {reason["code"] for reason in answer["reasons"]}


def clauses_of(answers: Iterable[Record]) -> list[str]:
    """Document and section of every reason."""
    clauses = [reason["clause"] for answer in answers for reason in answer["reasons"] if reason["clause"]]
    return [f"{clause['document']} {clause['section']}" for clause in clauses]
