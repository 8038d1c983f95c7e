"""A candidate policy set from a YAML file: read with the place of every value, so that an error names line and column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any, NamedTuple

import yaml  # type: ignore[import-untyped]
from pydantic import ValidationError

from chassis.problems.fields import field_error
from contracts.policy import PolicySet, SetFault, faults_of
from deploy.configuration import stop

Path = tuple[str | int, ...]


NO_YAML = "不是有效的 YAML / not valid YAML"
ALIASES = "不接受锚点和别名，请写出全文 / anchors and aliases are not taken: write it out"


class Place(NamedTuple):
    """Where something stands in a file, counted from 1."""

    line: int
    column: int


class Fault(NamedTuple):
    """What is wrong, where, in both languages."""

    place: Place
    message: str


@dataclass(slots=True)
class Candidate:
    """A file as it was read. ``policy_set`` null: ``faults`` say why."""

    policy_set: PolicySet | None = None
    faults: list[Fault] = field(default_factory=list)


def read_candidate(text: str) -> Candidate:
    """The policy set of a YAML document (JSON is one too); every fault at once, first in the file first."""
    try:
        refused = [Fault(_place(each.start_mark), ALIASES) for each in yaml.parse(text) if isinstance(each, yaml.AliasEvent)]
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        return Candidate(None, [Fault(_place(error.problem_mark or error.context_mark), f"{NO_YAML}: {error.problem}")])
    except yaml.YAMLError as error:
        return Candidate(None, [Fault(Place(1, 1), f"{NO_YAML}: {error}")])
    if refused or root is None:
        return Candidate(None, refused or [Fault(Place(1, 1), "文件是空的 / the file is empty")])
    places = dict(_places(root, ()))
    faults = list(_keys_twice(root))
    policy_set = None
    try:
        policy_set = PolicySet.model_validate(_value(text))
    except ValidationError as error:
        faults += _faults_of(error, places)
    except (yaml.YAMLError, ValueError) as error:
        faults.append(Fault(Place(1, 1), f"{NO_YAML}: {error}"))
    if policy_set is not None:
        faults += (Fault(_nearest(each.path, places), _words_of(each)) for each in faults_of(policy_set))
    return Candidate(None if faults else policy_set, sorted(faults))


def checked(file: FilePath) -> PolicySet:
    """The set in a file; a file with faults ends the command, each fault by its line and column."""
    try:
        candidate = read_candidate(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        stop(f"{file}: 应为 UTF-8 编码 / must be UTF-8 ({error.reason})")
    for place, message in candidate.faults:
        print(f"{file}:{place.line}:{place.column}: {message}")
    if candidate.policy_set is None:
        stop(f"{len(candidate.faults)} 处需要改正 / {len(candidate.faults)} fault(s)")
    return candidate.policy_set


def written(policy_set: PolicySet) -> str:
    """A policy set as the YAML document that ``read_candidate`` reads."""
    return str(yaml.safe_dump(policy_set.model_dump(mode="json"), allow_unicode=True, sort_keys=False, width=10_000))


def _value(text: str) -> Any:
    return yaml.load(text, Loader=yaml.SafeLoader)


def _places(node: Any, path: Path) -> Iterator[tuple[Path, Place]]:
    """The place of every value, by its path; of every key, by the path that ends with an empty part."""
    yield path, _place(node.start_mark)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield (*path, str(key.value), ""), _place(key.start_mark)
            yield from _places(value, (*path, str(key.value)))
    elif isinstance(node, yaml.SequenceNode):
        for number, each in enumerate(node.value):
            yield from _places(each, (*path, number))


def _keys_twice(node: Any) -> Iterator[Fault]:
    """A key said twice: YAML would silently take the last."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            if name in seen:
                yield Fault(_place(key.start_mark), f"“{name}”写了两次 / {name} is said twice")
            seen.add(name)
            yield from _keys_twice(value)
    elif isinstance(node, yaml.SequenceNode):
        for each in node.value:
            yield from _keys_twice(each)


def _faults_of(error: ValidationError, places: Mapping[Path, Place]) -> Iterator[Fault]:
    for each in error.errors(include_url=False, include_input=False):
        where: Path = tuple(each["loc"])
        name = ".".join(str(part) for part in where)
        for words in field_error(each).message.split("; "):
            yield Fault(
                _nearest((*where, "") if each["type"] == "extra_forbidden" else where, places), f"{name}: {words}" if name else words
            )


def _nearest(path: Sequence[str | int], places: Mapping[Path, Place]) -> Place:
    """The place of a path, or of the innermost part of it that is in the file."""
    for length in range(len(path), -1, -1):
        place = places.get(tuple(path[:length]))
        if place is not None:
            return place
    return Place(1, 1)


def _words_of(fault: SetFault) -> str:
    return ": ".join(each for each in (fault.about, fault.message, fault.quote) if each is not None)


def _place(mark: Any) -> Place:
    return Place(1, 1) if mark is None else Place(mark.line + 1, mark.column + 1)
