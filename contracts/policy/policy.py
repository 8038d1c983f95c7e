"""The policy object that decisions are taken with: a frozen policy set with its lookups built once, and pure helpers on it."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, Self

from contracts import reference
from contracts.policy.document import WORDED_LATER, Mark, PolicySet, ReasonEntry, Rule, Text
from contracts.policy.reasons import Reason
from contracts.policy.switches import Switches
from contracts.registration import FilingFacts
from contracts.vocabulary import Action, Flag, Grade, PolicyRef, Premises, StatementFinding, SubjectType, Tag


class Policy:
    """One version of a policy set. Immutable; two policies with equal sets decide equally."""

    def __init__(self, policy_set: PolicySet) -> None:
        self.set = policy_set
        self.ref = PolicyRef(id=policy_set.id, version=policy_set.version)
        entries = {**_worded_later(), **policy_set.reasons}
        self._reasons = {key: Reason(_code(key), entry) for key, entry in entries.items()}
        if policy_set.switches.three_phase_ban_scope == "without_statement":
            # The plain wording says that a statement does not lift the ban; under the narrow reading it does.
            self._reasons["non_industrial_site"] = self._reasons["non_industrial_site:without_statement"]
        self._rules = {rule.id: rule for rule in policy_set.rules}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """Read a policy set from its JSON object. Raises pydantic.ValidationError naming every bad field and switch."""
        return cls(PolicySet.model_validate(document))

    @property
    def switches(self) -> Switches:
        return self.set.switches

    def with_switches(self, changes: Mapping[str, Any]) -> Self:
        """The same set with some switches turned, for a what-if. Raises pydantic.ValidationError naming every bad switch."""
        switches = Switches.model_validate(self.set.switches.model_dump(mode="json") | dict(changes))
        return type(self)(self.set.model_copy(update={"switches": switches}))

    def reason(self, code: str, variant: str | None = None) -> Reason:
        """The catalogue entry of a reason code. Raises KeyError for an unknown code or variant."""
        return self._reasons[code if variant is None else f"{code}:{variant}"]

    def rule(self, rule_id: str) -> Rule:
        """A rule by its id, R01 to R21. Raises KeyError for an unknown id."""
        return self._rules[rule_id]

    def flag(self, flag: Flag) -> Mark:
        """What a flag means and which rule gives it."""
        return self.set.flags[flag]

    def tag(self, tag: Tag) -> Mark:
        """What a tag means and which rule gives it."""
        return self.set.tags[tag]

    def finding(self, finding: StatementFinding) -> Text:
        """What a finding on a statement means."""
        return self.set.findings[finding]

    def is_manufacturing(self, industry_code: str) -> bool:
        """Whether a class (4 digits, section letter allowed) is manufacturing: section C unless the switch says more."""
        return _division(industry_code) in self._manufacturing_divisions

    def is_industrial_section(self, industry_code: str) -> bool:
        """Whether a class is industry in the wide sense of R01: sections B, C and D."""
        return _division(industry_code) in self._industrial_divisions

    def triggers_check(self, action: Action, subject_type: SubjectType, industry_code: str) -> bool:
        """Whether a filing must have its land checked: an action that makes a place a manufacturing site, by a subject that counts."""
        return action in self._trigger_actions and subject_type in self._subject_types and self.is_manufacturing(industry_code)

    def is_new_industry(self, action: Action, subject_type: SubjectType, industry_code: str) -> bool:
        """Whether a filing sets up industry (新办工业企业) in the wide sense of R01, by an action and a subject that count."""
        return action in self._trigger_actions and subject_type in self._subject_types and self.is_industrial_section(industry_code)

    def production_place(self, facts: FilingFacts) -> Premises | None:
        """The place a manufacturer must answer for; None: an office alone, which is no 制造业经营场所 while ``office_only_exempt``."""
        return facts.production_place or (None if self.switches.office_only_exempt else facts.premises)

    def is_high_pollution(self, industry_code: str, processes: Collection[str] = ()) -> bool:
        """Whether a class is on the high-pollution list by itself, or any declared process is: 2110 counts only when it sprays."""
        return industry_code[-4:] in _POLLUTING_CODES or not _POLLUTING_PROCESSES.isdisjoint(processes)

    def block_industry(self, industry_code: str) -> str | None:
        """The Chinese name of the block industry (块状行业) a class belongs to, the narrowest one; None if it is in none."""
        code = industry_code[-4:]
        for length in (4, 3, 2):
            name = self._block_names.get(code[:length])
            if name is not None:
                return name
        return None

    def is_two_high(self, industry_code: str) -> bool:
        """Whether a class is on the list of energy-hungry, high-emission trades (empty as shipped)."""
        return bool(self.switches.two_high_codes) and industry_code[-4:].startswith(self.switches.two_high_codes)

    def land_is_industrial(self, scheme: str, code: str) -> bool | None:
        """Whether a registered use is industrial. None: the class alone does not tell (level-1 code, survey class, unknown pair)."""
        return self._industrial_land.get((scheme, code))

    def in_area(self, township_code: str) -> bool:
        """Whether the rules reach a township: known, and not switched out of the area."""
        code = reference.canonical_code(township_code)
        return code is not None and code not in self.switches.out_of_area_units

    def zone_committee_allowed(self, township_code: str) -> bool:
        """Whether statements for a township may come from its zone committee."""
        return reference.canonical_code(township_code) in self.switches.statement_issuers.zone_committee

    def grade_reaches(self, grade: Grade) -> bool:
        """Whether a per-mu grade is good enough for a project in the transition zone (R07)."""
        return grade <= self.switches.transition_min_grade

    def land_not_supplied(self, area_mu: float, stand_alone: bool) -> bool:
        """Whether new land asked for falls under R09: at most 10 mu (亩) and on a site of its own, as the switches read it."""
        small = area_mu <= 10 if self.switches.small_land_inclusive else area_mu < 10
        return (small and stand_alone) if self.switches.small_land_logic == "and" else (small or stand_alone)

    @property
    def registered_use_decides(self) -> bool:
        """Whether the use in the register is a ground for the land verdict (``land_basis_priority``)."""
        return "registered_use" in self.switches.land_basis_priority

    @cached_property
    def _manufacturing_divisions(self) -> frozenset[str]:
        return _divisions_of(self.switches.manufacturing_sections)

    @cached_property
    def _industrial_divisions(self) -> frozenset[str]:
        return _divisions_of(self.switches.industrial_sections)

    @cached_property
    def _trigger_actions(self) -> frozenset[Action]:
        return frozenset(self.switches.trigger_actions)

    @cached_property
    def _subject_types(self) -> frozenset[SubjectType]:
        return frozenset(self.switches.subject_types)

    @cached_property
    def _block_names(self) -> dict[str, str]:
        known = reference.block_industries()
        return {code: name for name in self.switches.block_industries for code in known[name]}

    @cached_property
    def _industrial_land(self) -> dict[tuple[str, str], bool | None]:
        switches = self.switches
        industrial = {(scheme, code) for scheme, codes in switches.industrial_codes.items() for code in codes}
        industrial |= {(use.scheme, use.code) for use in switches.extra_industrial_codes}
        reading: dict[tuple[str, str], bool | None] = {}
        for land in reference.land_classes():
            place = (land.scheme, land.code)
            if place in industrial or (land.warehouse and switches.warehouse_counts_as_industrial):
                reading[place] = None if land.is_surveyed else True  # whatever counts as industry: a survey gives no right to it
            else:
                reading[place] = None if land.industrial_default in ("ambiguous", "evidence_only") else False
        return reading


@cache
def _worded_later() -> dict[str, ReasonEntry]:
    """Words of the shipped set for what sets of before do not word: later codes, and variants, which were not asked of them."""
    shipped = json.loads(files("contracts.policy").joinpath("sets/cixi-source-control.v1.json").read_text(encoding="utf-8"))
    return {key: ReasonEntry.model_validate(entry) for key, entry in shipped["reasons"].items() if _may_lack(key)}


def _may_lack(key: str) -> bool:
    return _code(key) != key or key in WORDED_LATER


def _code(key: str) -> str:
    """The reason code of a key of the catalogue, ``code`` or ``code:variant``."""
    return key.partition(":")[0]


def _division(industry_code: str) -> str:
    return industry_code[-4:-2]


def _divisions_of(sections: Collection[str]) -> frozenset[str]:
    return frozenset(division for division in (f"{number:02}" for number in range(1, 98)) if reference.section_of(division) in sections)


_POLLUTING_CODES = frozenset(trade.code for trade in reference.polluting_trades() if trade.role == "primary")
_POLLUTING_PROCESSES = frozenset(trade.process for trade in reference.polluting_trades() if trade.role != "excluded")
