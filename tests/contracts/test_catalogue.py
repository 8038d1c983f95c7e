"""The catalogue, the generated files and the guard against breaking changes."""

import copy
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from contracts import asyncapi, generate
from contracts.catalogue import EVENTS, STREAMS
from contracts.compatibility import breaking_changes
from contracts.envelope import Envelope, Event

HELD = EVENTS["registration.filing_held.v1"]

TYPES_OF_TOPIC = {
    "registration.events": "registration.filing_submitted, filing_amended, filing_withdrawn, filing_held, filing_accepted, filing_refused, "
    "filing_closed, filing_referred, filing_reviewed, filing_appealed",
    "land_check.events": "land_check.land_verdict_issued, statement_requested, statement_issued, statement_declined, statement_returned, "
    "statement_revoked, statement_found_forged",
    "land_check.parcels": "land_check.parcel_changed",
    "land_check.registers": "land_check.grade_recorded, park_admission_recorded, list_entry_opened, list_entry_closed",
    "power_grid.events": "power_grid.block_imposed, block_lifted, hold_imposed, hold_lifted, install_cleared, install_denied, "
    "install_committed, clearance_reviewed, finding_recorded, breach_found, block_acknowledged",
    "notifier.events": "notifier.delivery_succeeded, delivery_exhausted, endpoint_disabled, digest_issued, reminder_issued",
    "policy.events": "policy.activated",
}


@pytest.fixture
def copies(tmp_path: Path) -> tuple[Path, Path]:
    """The committed schemas and README, to be spoilt."""
    shutil.copytree(generate.SCHEMAS, tmp_path / "schemas")
    shutil.copy(generate.README, tmp_path / "README.md")
    return tmp_path / "schemas", tmp_path / "README.md"


def subclasses(event: type[Event]) -> set[type[Event]]:
    return {event} | {deeper for child in event.__subclasses__() for deeper in subclasses(child)}


def changed(change: dict[str, Any]) -> dict[str, Any]:
    """The schema of a held filing with ``change`` laid over its properties."""
    schema = copy.deepcopy(generate.schema_of(HELD))
    schema["properties"] |= change
    return schema


def test_the_topics_carry_exactly_the_agreed_types() -> None:
    for stream in STREAMS:
        prefix = TYPES_OF_TOPIC[stream.topic].partition(".")[0]
        agreed = [name.rpartition(".")[2] for name in TYPES_OF_TOPIC[stream.topic].split(", ")]
        assert [event.type for event in stream.events] == [f"{prefix}.{name}.v1" for name in agreed]
        assert {event.topic for event in stream.events} == {stream.topic}
    assert [stream.topic for stream in STREAMS] == list(TYPES_OF_TOPIC)


def test_every_event_class_with_a_type_is_in_the_catalogue() -> None:
    typed = {event for event in subclasses(Event) if event.__module__.startswith("contracts.") and "type" in vars(event)}
    assert typed == set(EVENTS.values())


def test_every_event_says_where_it_belongs_and_whom_it_concerns() -> None:
    for type_name, event in EVENTS.items():
        assert event.key is not Event.key, type_name


def test_no_event_carries_the_contact_person() -> None:
    fields = {
        field
        for schema in map(generate.schema_of, EVENTS.values())
        for shape in (schema, *schema.get("$defs", {}).values())
        for field in shape.get("properties", {})
    }
    assert "enterprise_name" in fields
    assert fields.isdisjoint({"applicant", "phone", "contact", "owner_name", "recorded_by", "second_officer_name"})


def test_the_generated_files_are_as_generated() -> None:
    assert generate.run(generate.SCHEMAS, generate.README, check=True) == []


def test_a_spoilt_missing_or_stray_file_is_found_and_repaired(copies: tuple[Path, Path]) -> None:
    schemas, readme = copies
    (schemas / "asyncapi.json").write_text("{}", encoding="utf-8")
    (schemas / "land_check.parcel_changed.v1.json").unlink()
    (schemas / "stray.json").write_text("{}", encoding="utf-8")
    readme.write_text(generate.readme_with(readme.read_text(encoding="utf-8"), ""), encoding="utf-8")
    problems = generate.run(schemas, readme, check=True)
    assert sorted(problem.partition(":")[0] for problem in problems) == [
        "README.md",
        "asyncapi.json",
        "land_check.parcel_changed.v1.json",
        "stray.json",
    ]
    assert generate.run(schemas, readme, check=False) == []
    assert generate.run(schemas, readme, check=True) == []
    assert not (schemas / "stray.json").exists()


def test_a_breaking_change_is_refused_and_nothing_is_written(copies: tuple[Path, Path]) -> None:
    schemas, readme = copies
    path = schemas / "registration.filing_held.v1.json"
    published = json.loads(path.read_text(encoding="utf-8"))
    published["properties"]["old_field"] = {"type": "string"}
    path.write_text(json.dumps(published), encoding="utf-8")
    for check in (True, False):
        assert generate.run(schemas, readme, check=check) == ["registration.filing_held.v1/old_field: removed"]
    assert json.loads(path.read_text(encoding="utf-8")) == published
    assert generate.run(schemas, readme, check=False, unpublished=["registration.filing_held.v1"]) == []
    assert json.loads(path.read_text(encoding="utf-8")) == generate.schema_of(HELD)


def test_an_event_that_is_gone_is_a_breaking_change(copies: tuple[Path, Path]) -> None:
    schemas, readme = copies
    (schemas / "registration.filing_lost.v1.json").write_text("{}", encoding="utf-8")
    assert generate.run(schemas, readme, check=True) == ["registration.filing_lost.v1: the event is gone"]


def test_a_readme_without_its_marks_is_an_error() -> None:
    with pytest.raises(ValueError, match="lost the marks"):
        generate.readme_with("# contracts", "")


def test_the_same_schema_and_a_new_optional_field_are_compatible() -> None:
    published = generate.schema_of(HELD)
    assert breaking_changes(published, published) == []
    assert breaking_changes(published, changed({"extra": {"type": "string", "default": ""}})) == []
    assert breaking_changes(published, published | {"description": "other words", "title": "Other"}) == []


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"version": {"type": "string"}}, "/version: was integer, is string"),
        ({"uscc": {"type": "string"}}, "/uscc: was null or string, is string"),
        ({"version": {"anyOf": [{"type": "integer"}, {"type": "null"}]}}, "/version: was integer, is integer or null"),
        ({"enterprise_name": {"type": "string", "maxLength": 5}}, "/enterprise_name: maxLength changed"),
        ({"notify": {"type": "array", "items": {"type": "string"}, "default": ["AMR"]}}, "/notify: default changed"),
    ],
)
def test_a_retyped_field_is_a_breaking_change(change: dict[str, Any], what: str) -> None:
    assert what in breaking_changes(generate.schema_of(HELD), changed(change))


def test_a_renamed_field_is_a_breaking_change() -> None:
    schema = changed({"identity": {"type": "string"}})
    del schema["properties"]["filing_id"]
    schema["required"] = ["identity" if name == "filing_id" else name for name in schema["required"]]
    assert breaking_changes(generate.schema_of(HELD), schema) == ["/filing_id: removed", "/identity: is now required"]


def test_a_field_no_longer_required_is_a_breaking_change() -> None:
    schema = generate.schema_of(HELD)
    loosened = schema | {"required": [name for name in schema["required"] if name != "filing_id"]}
    assert breaking_changes(schema, loosened) == ["/filing_id: is no longer required"]


def test_an_enum_may_grow_and_never_shrink_also_deep_inside() -> None:
    published, grown, narrowed = (copy.deepcopy(generate.schema_of(HELD)) for _ in range(3))
    grown["$defs"]["Outcome"]["enum"].append("postponed")
    narrowed["$defs"]["Outcome"]["enum"].remove("refer")
    assert breaking_changes(published, grown) == []
    assert breaking_changes(published, narrowed) == ["/decision/outcome: value 'refer' taken away"]


def test_a_change_inside_a_list_of_objects_is_found() -> None:
    published, broken = generate.schema_of(HELD), copy.deepcopy(generate.schema_of(HELD))
    del broken["$defs"]["ReasonRef"]["properties"]["rule"]
    broken["$defs"]["ReasonRef"]["required"].remove("rule")
    assert breaking_changes(published, broken) == ["/decision/reasons/*/rule: removed"]


def test_the_asyncapi_document_names_every_event_once_and_refers_to_its_schema() -> None:
    document = asyncapi.document("1.0.0")
    assert document["components"]["messages"].keys() == EVENTS.keys()
    for message in document["components"]["messages"].values():
        assert (generate.SCHEMAS / message["payload"]["$ref"].removeprefix("./")).exists()
    named = [name for channel in document["channels"].values() for name in channel["messages"]]
    assert sorted(named) == sorted(EVENTS)


def test_the_attributes_documented_are_those_of_the_envelope() -> None:
    envelope = Envelope("e1", "s", "t", "sub", "2026-11-22T00:00:00Z", "k", 1, "c", "cause", b"{}", "00-trace")
    assert envelope.headers().keys() == asyncapi.ATTRIBUTES.keys()


def test_the_command_answers_with_its_exit_status(capsys: pytest.CaptureFixture[str]) -> None:
    assert generate.main(["--check"]) == 0
    assert capsys.readouterr().err == ""
