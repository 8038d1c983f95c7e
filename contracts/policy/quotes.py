"""Whether a quote stands in its paper to the letter: the papers are shipped beside the sets."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from contracts.policy.document import PolicySet, SetFault
from contracts.vocabulary import Clause

_PAPERS = files("contracts.policy").joinpath("papers")
_FILES = {
    "慈政办发〔2021〕31号": "002",
    "慈政办发〔2022〕25号": "001",
    "慈溪市制造业高质量发展“十四五”规划": "003",
    "慈经信建〔2021〕7号": "004",
}
_ANNEXES = {"慈政办发〔2021〕31号": "000"}

DOCUMENTS = tuple(_FILES)
"""The papers that a clause may name."""


def paper_of(clause: Clause) -> str | None:
    """The text of the paper a clause names, an annex being a file of its own; without blanks. None: no such paper is shipped."""
    of_annex = clause.section.startswith("附件") and clause.document in _ANNEXES
    name = (_ANNEXES if of_annex else _FILES).get(clause.document)
    return None if name is None else _text(name)


def stands_in_its_paper(clause: Clause) -> bool:
    """Whether the quote is a part of its paper, character for character; only blanks and line ends do not count."""
    paper = paper_of(clause)
    return paper is not None and without_blanks(clause.quote) in paper


def foreign_quotes(policy_set: PolicySet) -> Iterator[SetFault]:
    """Clauses that do not stand in the paper they name, or name none that is shipped; in the order of the rules."""
    for number, rule in enumerate(policy_set.rules):
        for place, clause in enumerate(rule.clauses):
            if clause.document not in DOCUMENTS:
                known = "、".join(DOCUMENTS)
                message = f"没有这份文件的原文 / no such paper is shipped; there are {known}"
                yield SetFault(("rules", number, "clauses", place, "document"), rule.id, "unknown-document", message)
            elif not stands_in_its_paper(clause):
                message = f"引文与“{clause.document}”原文不符 / the quote is not in its paper"
                yield SetFault(("rules", number, "clauses", place, "quote"), rule.id, "quote-not-in-paper", message, clause.quote)


def without_blanks(text: str) -> str:
    return "".join(text.split())


@cache
def _text(name: str) -> str:
    return without_blanks(_PAPERS.joinpath(f"{name}.txt").read_text(encoding="utf-8"))
