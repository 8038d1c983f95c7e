"""The rules of the papers, R01 to R21: each is asked by a rule of a service that names it, or is known to decide nothing."""

from __future__ import annotations

import ast
import re

import pytest

from contracts.policy import CURRENT
from tests.architecture.vocabulary import code, name, tree

DECIDES_NOTHING = {
    "R05": "prices and quotas of power are not connections; the grades and lists it speaks of are recorded and shown",
    "R12": "admission of projects and standard land (标准地) comes before any filing and has no register here",
    "R18": "project classes and assessment are reports; no filing belongs to a class",
    "R19": "who follows up is a matter of digests, not of a decision",
}


def rules_asked() -> dict[str, set[str]]:
    """By rule of the papers, the functions in the rules of the services whose first words name it."""
    asked: dict[str, set[str]] = {}
    for path in code("services"):
        if "/rules/" not in name(path):
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef):
                for rule in re.findall(r"\bR\d\d\b", ast.get_docstring(node) or ""):
                    asked.setdefault(rule, set()).add(node.name)
    return asked


@pytest.mark.parametrize("rule", [rule.id for rule in CURRENT.set.rules])
def test_every_rule_is_asked_or_known_to_decide_nothing(rule: str) -> None:
    assert (rule in rules_asked()) != (rule in DECIDES_NOTHING)


@pytest.mark.parametrize("rule", DECIDES_NOTHING)
def test_what_decides_nothing_is_kept_for_reports(rule: str) -> None:
    assert CURRENT.rule(rule).mode == "context"


def test_no_function_names_a_rule_that_is_not_there() -> None:
    assert set(rules_asked()) <= {rule.id for rule in CURRENT.set.rules}
