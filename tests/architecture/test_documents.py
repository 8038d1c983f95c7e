"""What the documents say exists: every command is told of, every file they link to is there, and no file tells of one machine."""

from __future__ import annotations

import re
from functools import cache
from urllib.parse import urlsplit

import pytest

from deploy.cli import app
from tests.architecture.vocabulary import CODE, DOCUMENTS, ROOT, files, name, root_files

PLACES_OF_ONE_MACHINE = re.compile(r"""(?:^|[\s"'`(=:])/(?:home|Users|root|work|tmp|private)/[\w.-]""", re.MULTILINE)
SECRETS = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----|whsec_[A-Za-z0-9+/]{24,}|eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.|AKIA[0-9A-Z]{16}")
URL = re.compile(r"https?://[^\s\"'`<>)}\]{]+")
HOSTS = {"127.0.0.1", "json-schema.org", "www.w3.org", "www.apache.org", "keepachangelog.com"}
HOSTS_OF_EXAMPLES = (".example", ".example.com", ".example.org", ".invalid", ".test", ".internal")


@cache
def texts() -> tuple[tuple[str, str], ...]:
    return tuple((name(path), path.read_text(encoding="utf-8")) for path in (*root_files(), *files(*CODE)))


def commands() -> set[str]:
    """The commands of ``sluicegate``, groups by their own name."""
    return {str(command.name or command.callback.__name__) for command in app.registered_commands if command.callback} | {
        str(group.name) for group in app.registered_groups
    }


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_document_is_there(document: str) -> None:
    assert (ROOT / document).read_text(encoding="utf-8").startswith("# ")


def test_the_readme_tells_of_every_command_and_of_no_other() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\bmake ([a-z]+)\b", readme)) == make_targets()
    assert set(re.findall(r"\bsluicegate ([a-z]+)\b", readme)) == commands()


def test_every_file_a_document_links_to_is_there() -> None:
    broken = []
    for path in (*root_files(), *files(*CODE)):
        if path.suffix == ".md":
            targets = re.findall(r"\]\((?!https?://|#)([^)#\s]+)", path.read_text(encoding="utf-8"))
            broken += [f"{name(path)}: {target}" for target in targets if not (path.parent / target).exists()]
    assert broken == []


def test_no_file_holds_a_place_of_one_machine() -> None:
    assert [file for file, text in texts() if PLACES_OF_ONE_MACHINE.search(text)] == []


def test_no_file_holds_a_secret() -> None:
    assert [file for file, text in texts() if SECRETS.search(text)] == []


def test_no_file_names_a_foreign_host() -> None:
    named = {(file, urlsplit(url).hostname or "") for file, text in texts() for url in URL.findall(text)}
    foreign = {(file, host) for file, host in named if "." in host and host not in HOSTS and not f".{host}".endswith(HOSTS_OF_EXAMPLES)}
    assert foreign == set()
