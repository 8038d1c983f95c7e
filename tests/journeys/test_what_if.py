"""What a candidate would decide, asked of a whole running system, over HTTP and at the operator's prompt."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from contracts.policy import CURRENT
from deploy.candidates import written
from deploy.cli import app
from deploy.demo.city import POWER, REGISTRATION, City
from deploy.running import Embedded
from tests.journeys.vocabulary import HOMESTEAD, XINPU, answered, filed, filing, parcel, statement, transformer

WAREHOUSE = "0604"
TURNED = {"warehouse_counts_as_industrial": True, "three_phase_ban_scope": "without_statement"}


def test_a_candidate_flips_a_held_filing_and_a_blocked_transformer_and_changes_neither(
    city: City, system: Embedded, tmp_path: Path
) -> None:
    stored = parcel(WAREHOUSE)
    home = parcel(HOMESTEAD)
    for place in (stored, home):
        city.record_parcel(place)
    held = filed(city, filing(stored))
    maker = filed(city, filing(home))
    city.issue_statement(maker["filing_id"], XINPU, statement())
    maker = city.changed(maker)
    clearance = answered(city, transformer(home, maker))
    in_stock = answered(city, transformer(stored, held))
    assert (held["status"], maker["status"], clearance["decision"], in_stock["decision"]) == ("held", "accepted", "block", "block")

    found = city.call("auditor", "POST", f"{REGISTRATION}/decisions:what-if", {"switches": TURNED}, limit=500)
    (flip,) = [item for item in found["items"] if item["filing_id"] == held["filing_id"]]
    assert (flip["was"], flip["would_be"], flip["switch"]) == ("hold", "accept", "warehouse_counts_as_industrial")
    assert maker["filing_id"] not in {item["filing_id"] for item in found["items"]}

    power = city.call("auditor", "POST", f"{POWER}/decisions:what-if", {"switches": TURNED}, limit=500)
    (flip,) = [item for item in power["items"] if item["clearance_id"] == clearance["clearance_id"]]
    assert (flip["was"], flip["would_be"], flip["switch"]) == ("block", "allow", "three_phase_ban_scope")

    (flip,) = [item for item in power["items"] if item["clearance_id"] == in_stock["clearance_id"]]
    assert (flip["was"], flip["would_be"], flip["switch"]) == ("block", "allow", "warehouse_counts_as_industrial")
    assert power["summary"]["not_judged"] == 0

    nothing = city.call("auditor", "POST", f"{REGISTRATION}/decisions:what-if", {"switches": {}})
    assert (nothing["items"], nothing["summary"]["not_judged"]) == ([], 0)

    candidate = tmp_path / "candidate.yaml"
    candidate.write_text(written(CURRENT.with_switches(TURNED).set.model_copy(update={"version": 99})), encoding="utf-8")
    (tmp_path / "token").write_text(system.token("auditor"), encoding="ascii")
    asked = ["policy", "what-if", str(candidate), "--url", system.url, "--token-file", str(tmp_path / "token")]
    printed = CliRunner().invoke(app, asked)
    assert printed.exit_code == 0, printed.output
    row = f"SG1\t{XINPU} 新浦镇\tR04\tnon_industrial_site\tblock\tallow\t{in_stock['clearance_id']}"
    assert row in printed.output.splitlines()
    assert f"SG1\t{XINPU} 新浦镇\tR03\tstatement_missing\thold\taccept\t{held['filing_id']}" in printed.output.splitlines()
    assert "将改变 / would flip" in printed.output
    sums = CliRunner().invoke(app, [*asked, "--sums"])
    assert (held["filing_id"] in sums.output, "non_industrial_site" in sums.output) == (False, True)

    (tmp_path / "token").write_text(system.token("clerk"), encoding="ascii")
    refused = CliRunner().invoke(app, asked)
    assert (refused.exit_code, "nothing was tried" in refused.output) == (1, True)

    assert city.call("clerk", "GET", f"{REGISTRATION}/filings/{held['filing_id']}")["version"] == held["version"]
    assert city.clearance(clearance["clearance_id"])["decision"] == "block"
