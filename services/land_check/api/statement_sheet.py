"""What stands on a statement that is printed, in one language: what it says, the clause it rests on, and how anyone can check it."""

from __future__ import annotations

from datetime import datetime
from textwrap import wrap

from chassis.clock import today
from chassis.notices import Code, Item, Language, Rows, Section, Sheet, footer_of, in_language, moment
from contracts import reference
from contracts.policy import Policy, Text
from contracts.values import dataclass
from services.land_check.api import paper_words as words
from services.land_check.domain import CheckState, Statement
from services.land_check.rules.statements import state_for_anyone

RULE = "R02"
"""The rule that asks for a statement."""


@dataclass(frozen=True, slots=True)
class Print:
    """A statement to be printed: under the set it was given, with the address of its check, at this moment."""

    paper: Statement
    policy: Policy
    address: str
    now: datetime

    @property
    def state(self) -> CheckState:
        return state_for_anyone(self.paper, today(self.now))


def sheet_of(printed: Print, language: Language) -> Sheet:
    """A statement that does not hold says so in its title."""
    label = {name: in_language(text, language) for name, text in words.SHEET.items()}
    paper, code = printed.paper, " ".join(wrap(printed.paper.check_code, 4))
    title = in_language(words.TITLE if paper.statement_request_id else words.TITLE_OF_PAPER, language)
    state = in_language(words.STATES[printed.state].word, language)
    if printed.state is not CheckState.VALID:
        title += f"：{state}" if language == "zh" else f": {state}"
    version, *notes = footer_of(printed.policy, language)[:-1]  # its last line speaks of a notice
    signed = Section(label["signed"], (label["seal"], label["officer"], label["second"]), _signed(paper))
    return Sheet(
        language=language,
        title=title,
        particulars=_particulars(printed, state, label, language),
        reasons_title=label["grounds"],
        reasons=_grounds(printed.policy, label, language),
        nothing=label["no_grounds"],
        sections=(signed,) if signed.rows else (),
        appeal_title=label["check"],
        appeal=tuple(in_language(text, language) for text in words.CHECK),
        footer=(f"{label['printed']}: {moment(printed.now)} · {version}", *notes),
        code=Code(printed.address, (f"{label['code']}: {code}", printed.address)),
    )


def _particulars(printed: Print, state: str, label: dict[str, str], language: Language) -> Rows:
    paper, township = printed.paper, reference.township(printed.paper.township_code)
    findings = [printed.policy.finding(finding) for finding in paper.findings]
    use_by = in_language(words.USE_BY, language).format(day=paper.valid_to)
    spent = "" if paper.spent_at is None else moment(datetime.fromisoformat(paper.spent_at))
    rows = (
        (label["no"], paper.statement_id),
        (label["state"], state),
        (label["findings"], _joined(findings, language)),
        (label["issuer"], paper.issuer_name),
        (label["township"], "" if township is None else township.name_zh if language == "zh" else township.name_en),
        (label["enterprise"], paper.enterprise_name),
        (label["uscc"], paper.uscc or ""),
        (label["parcel"], paper.parcel_code or ""),
        (label["unit"], paper.unit_number or ""),
        (label["owner"], paper.owner),
        (label["basis"], paper.basis),
        (label["result"], in_language(words.RESULTS[paper.result], language)),
        (label["issued_on"], paper.issued_on.isoformat()),
        (label["valid_to"], use_by),
        (label["spent"], spent),
        (label["filing"], paper.filing_id or ""),
        (label["document"], paper.document_sha256),
        *(((label["second"], paper.second_officer or ""), (label["recorded_by"], paper.recorded_by)) if not _signed(paper) else ()),
    )
    return tuple(row for row in rows if row[1])


def _grounds(policy: Policy, label: dict[str, str], language: Language) -> tuple[Item, ...]:
    """The clause that asks for a statement, word for word; nothing where the set has no such rule."""
    rules = [rule for rule in policy.set.rules if rule.id == RULE]
    return tuple(
        Item(
            f"{rule.id} {in_language(rule.title, language)}",
            rule.clauses[0].quote,
            ((label["paper"], f"{rule.clauses[0].document} {rule.clauses[0].section}"),),
        )
        for rule in rules
    )


def _signed(paper: Statement) -> Rows:
    """The township signs what it has issued itself; a paper that was brought carries its own signatures."""
    if paper.statement_request_id is None:
        return ()
    return ((paper.issuer_name, paper.recorded_by, paper.second_officer or "—"),)


def _joined(texts: list[Text], language: Language) -> str:
    return ("；" if language == "zh" else "; ").join(in_language(text, language) for text in texts)
