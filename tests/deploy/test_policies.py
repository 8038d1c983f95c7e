"""``sluicegate policy``: a legal officer reads the set, changes it and is told where it is wrong."""
# ruff: noqa: E501 - a fault stays on one line, so that the table can be read down its columns

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from chassis.clock import CITY, SystemClock
from contracts.policy import CURRENT
from deploy.candidates import read_candidate, written
from deploy.cli import app
from deploy.running import Embedded
from deploy.services import SERVICES

SHIPPED = written(CURRENT.set)
QUOTE = "市场监管部门对不能提供相关说明的此类企业不予登记"


def this_day() -> str:
    return SystemClock().now().astimezone(CITY).date().isoformat()


def sluicegate(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, env={"COLUMNS": "300"})


def checked(folder: Path, text: str) -> Result:
    file = folder / "candidate.yaml"
    file.write_text(text, encoding="utf-8")
    return sluicegate("policy", "check", str(file))


def place_of(text: str, part: str) -> str:
    """``line:column`` of the first time a part stands in a text."""
    before = text[: text.index(part)]
    return f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


def test_the_set_is_shown_with_its_standing_its_rules_and_every_switch(tmp_path: Path) -> None:
    shown = sluicegate("policy", "show", "--data", str(tmp_path)).stdout
    assert "nobody has confirmed" in shown
    assert all(rule.id in shown for rule in CURRENT.set.rules)
    assert all(switch in shown for switch in CURRENT.set.switch_notes)
    assert "…" not in shown


def test_what_is_printed_as_yaml_is_a_candidate_without_a_fault(tmp_path: Path) -> None:
    printed = sluicegate("policy", "show", "--yaml", "--data", str(tmp_path)).stdout
    assert read_candidate(printed).policy_set == CURRENT.set
    answer = checked(tmp_path, printed)
    assert (answer.exit_code, "all quotes stand" in answer.stdout) == (0, True)


def test_where_no_system_can_be_asked_it_is_said_that_the_shipped_set_is_shown(tmp_path: Path) -> None:
    """Whatever runs on this machine, it is not the system of an empty data directory."""
    for form in ([], ["--yaml"]):
        shown = sluicegate("policy", "show", "--data", str(tmp_path), *form)
        assert (shown.exit_code, "cixi-source-control" in shown.stdout) == (0, True)
        assert "the set shipped with the software, which need not be the one in force" in shown.stdout
        assert "随软件提供的政策集" in shown.stderr


def test_a_system_that_was_named_and_does_not_answer_shows_nothing(tmp_path: Path) -> None:
    silent = sluicegate("policy", "show", "--url", "http://127.0.0.1:9", "--data", str(tmp_path))
    assert (silent.exit_code, silent.stdout, "run sluicegate up first" in silent.stderr) == (1, "", True)


def test_what_is_shown_is_what_is_in_force_in_the_running_system(tmp_path: Path) -> None:
    file = tmp_path / "set.yaml"
    turned = {"warehouse_counts_as_industrial": True}
    second = CURRENT.set.model_copy(update={"version": 2, "switches": CURRENT.set.switches.model_copy(update=turned)})
    file.write_text(written(second), encoding="utf-8")
    day = this_day()
    with Embedded(SERVICES) as system:
        at = ["--url", system.url, "--data", str(system.data)]
        before = sluicegate("policy", "show", *at).stdout
        signed = [sluicegate("policy", "activate", str(file), "--from", day, *at, "--unit", unit).exit_code for unit in ("MGO", "AMR")]
        after, whole = sluicegate("policy", "show", *at).stdout, sluicegate("policy", "show", "--yaml", *at).stdout
    assert (signed, before.splitlines()[0][:22], after.splitlines()[0][:22]) == (
        [0, 0],
        "cixi-source-control v1",
        "cixi-source-control v2",
    )
    assert f"in force at {system.url} since {day}" in after
    assert read_candidate(whole).policy_set == second


def test_a_candidate_tells_which_switches_it_turns(tmp_path: Path) -> None:
    changed = SHIPPED.replace("version: 1", "version: 2", 1).replace(
        "warehouse_counts_as_industrial: false", "warehouse_counts_as_industrial: true"
    )
    answer = checked(tmp_path, changed)
    assert answer.exit_code == 0
    assert "warehouse_counts_as_industrial: false -> true" in answer.stdout


def test_a_published_version_is_never_another(tmp_path: Path) -> None:
    answer = checked(tmp_path, SHIPPED.replace("capacity_increase_counts: true", "capacity_increase_counts: false"))
    assert answer.exit_code == 1
    assert "never changes" in answer.stderr


FAULTS: list[tuple[str, Callable[[str], str], str, str]] = [
    # what is wrong; how it comes about; where it is said to stand; what is said
    ("a switch that knows no such value", lambda text: text.replace("block_key: site", "block_key: street"), "street", "switches.block_key: 应为下列之一"),
    ("a switch that does not exist", lambda text: text.replace("  block_key: site", "  block_keys: site"), "block_keys", "there is no such field"),
    ("a number in place of a code", lambda text: text.replace("- '0601'", "- 0601"), "0601", "must be text"),
    ("a day that does not exist", lambda text: text.replace("effective_from: '2021-04-28'", "effective_from: '2026-02-29'", 1), "'2026-02-29'", "a date that exists"),
    ("a quote that is not in its paper", lambda text: text.replace(f"quote: {QUOTE}", f"quote: {QUOTE.replace('不予', '可予')}"), QUOTE.replace("不予", "可予"), "the quote is not in its paper"),
    ("a paper nobody knows", lambda text: text.replace("慈政办发〔2022〕25号", "慈政办发〔2099〕9号"), "", "no such paper"),
    ("a rule that ends before its set", lambda text: text.replace("  effective_to: null", "  effective_to: '2027-03-31'", 1), "'2027-03-31'", "a rule cannot end before its set"),
    ("a case without words", lambda text: text.replace("  land_unknown:survey_only:", "  land_unknown:surveyed:"), "", "land_unknown:survey_only: 缺少这一情形的文字"),
    ("a key said twice", lambda text: text.replace("  block_key: site", "  block_key: site\n  block_key: enterprise"), "block_key: enterprise", "said twice"),
    ("no YAML at all", lambda text: text.replace("switches:", "switches: ["), "", "not valid YAML"),
    ("an alias", lambda text: text.replace("block_key: site", "block_key: &k site\n  other: *k"), "*k", "aliases are not taken"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "at", "said"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS])
def test_a_fault_is_named_with_line_and_column(tmp_path: Path, change: Callable[[str], str], at: str, said: str) -> None:
    text = change(SHIPPED)
    assert text != SHIPPED
    answer = checked(tmp_path, text)
    assert answer.exit_code == 1
    line = next(line for line in answer.stdout.splitlines() if said in line)
    if at:
        assert line.startswith(f"{tmp_path / 'candidate.yaml'}:{place_of(text, at)}: ")


def test_every_fault_is_said_at_once(tmp_path: Path) -> None:
    text = SHIPPED.replace("block_key: site", "block_key: street").replace("historic_land: unknown", "historic_land: perhaps")
    answer = checked(tmp_path, text)
    assert answer.stdout.count("应为下列之一") == 2
    assert "2 fault(s)" in answer.stderr


@pytest.mark.parametrize("text", ["", "- 1\n", "just words", "\t: x", "a: !!python/object:os.system {}", "? [a]\n: 1"])
def test_what_is_no_policy_set_at_all_is_refused_in_a_sentence(text: str) -> None:
    candidate: Any = read_candidate(text)
    assert candidate.policy_set is None
    assert candidate.faults


def test_a_set_is_handed_in_and_signed_by_two_units_from_the_command_line(tmp_path: Path) -> None:
    file = tmp_path / "set.yaml"
    file.write_text(written(CURRENT.set.model_copy(update={"version": 2})), encoding="utf-8")
    day = this_day()
    with Embedded(SERVICES) as system:

        def signed(*options: str) -> Result:
            at = ["--url", system.url, "--data", str(system.data), "--from", day]
            return CliRunner().invoke(app, ["policy", "activate", str(file), *at, *options])

        first = signed("--reason", "会议纪要")
        assert (first.exit_code, "MGO" in first.output) == (0, True), first.output
        again = signed("--reason", "会议纪要")
        assert (again.exit_code, "另一单位" in again.output) == (1, True), again.output
        second = signed("--reason", "会议纪要", "--unit", "AMR")
        assert (second.exit_code, f"自 {day} 起适用" in second.output) == (0, True), second.output
        assert "GET /registration/v1/review-cases?state=open" in second.output
        assert "review-cases" not in first.output


def test_a_set_is_activated_without_a_reason_of_ones_own_from_files_of_any_name(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours.yaml", tmp_path / "theirs.yaml"
    for file in (ours, theirs):
        file.write_text(written(CURRENT.set.model_copy(update={"version": 2})), encoding="utf-8")
    with Embedded(SERVICES) as system:
        at = ["--from", this_day(), "--url", system.url, "--data", str(system.data)]
        first = sluicegate("policy", "activate", str(ours), *at)
        second = sluicegate("policy", "activate", str(theirs), *at, "--unit", "AMR")
        assert (first.exit_code, second.exit_code) == (0, 0), first.output + second.output
        with system.client("auditor") as http:
            kept = http.get("/registration/v1/policies/cixi-source-control/2").json()
    assert (kept["state"], kept["signed"]) == ("activated", ["MGO", "AMR"])
    assert kept["reason"] == "启用政策集 cixi-source-control v2 / the policy set cixi-source-control v2 is put into force"
