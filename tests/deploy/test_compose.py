"""What the compose file, the image and the example settings promise, read from the files: no Docker is needed to break these promises."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from pydantic_settings import BaseSettings

from chassis.bus.kafka_settings import KafkaSettings
from chassis.oidc import OidcSettings
from deploy.first_secrets import OUR_USER
from deploy.operators import OwnerSettings
from deploy.services import SERVICES
from tests.parts.postgresql import LOG_FILES, Server
from tests.parts.postgresql_binaries import SETTINGS

DEPLOY = Path(__file__).parents[2] / "deploy"
ONE_SHOT = {"secrets", "migrate", "topics"}
OURS = {"registration", "land-check", "power-grid", "notifier"}
ROOT_AT_FIRST = {"secrets": "makes files for others", "database": "its image becomes the user postgres by itself"}
EXACT = re.compile(r"[a-z/-]+:\d+(\.\d+)*(-[a-z]+)*")


@cache
def stack() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return loaded


def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = stack()["services"]
    return found


def environment() -> dict[str, str]:
    return {name: str(value) for part in services().values() for name, value in part.get("environment", {}).items()}


def test_the_stack_is_what_the_system_is_made_of() -> None:
    assert set(services()) == OURS | ONE_SHOT | {"database", "kafka", "proxy", "issuer"}
    assert {name.replace("_", "-") for name in SERVICES} == OURS


@pytest.mark.parametrize("name", services())
def test_a_container_can_do_no_more_than_it_must(name: str) -> None:
    part = services()[name]

    assert EXACT.fullmatch(part["image"])
    assert part["cap_drop"] == ["ALL"]
    assert part["security_opt"] == ["no-new-privileges:true"]
    assert "mem_limit" in part
    assert part["read_only"] is True
    assert not part.get("privileged")
    if name not in ROOT_AT_FIRST:
        assert int(part["user"].split(":")[0]) >= 1000
        assert "cap_add" not in part


@pytest.mark.parametrize("name", sorted(set(services()) - ONE_SHOT))
def test_what_runs_on_is_watched_and_restarted(name: str) -> None:
    part = services()[name]

    assert part["restart"] == "unless-stopped"
    assert part["healthcheck"]["test"]


@pytest.mark.parametrize("name", sorted(OURS))
def test_a_service_waits_for_schema_and_topics_and_has_time_to_stop(name: str) -> None:
    part = services()[name]
    waits = {other: how["condition"] for other, how in part["depends_on"].items()}

    assert waits["migrate"] == waits["topics"] == "service_completed_successfully"
    assert part["stop_grace_period"] == "12s"
    assert part["command"][:2] == ["serve", name]
    assert f"secrets-{name}:/run/secrets/sluicegate:ro" in part["volumes"]


def test_the_database_is_set_as_the_one_that_is_tested_and_measured() -> None:
    command = services()["database"]["entrypoint"][-1]

    for name in ("min_wal_size", "wal_compression", "max_connections"):
        assert f"-c {name}={SETTINGS[name]}" in command


def test_the_log_of_the_database_is_laid_out_before_anyone_waits_for_it(postgresql: Server) -> None:
    postgresql.lay_out_log()

    ((size,),) = postgresql.run("SELECT sum(size) FROM pg_ls_waldir()")
    assert size >= 31 * 16 * 2**20
    assert f"./database/{LOG_FILES.name}:/docker-entrypoint-initdb.d/{LOG_FILES.name}:ro" in services()["database"]["volumes"]


def test_a_secret_is_mounted_only_where_it_is_used() -> None:
    users: dict[str, set[str]] = {}
    for name, part in services().items():
        for volume in part.get("volumes", []):
            users.setdefault(volume.split(":")[0], set()).add(name)

    secret = {volume: names - {"secrets"} for volume, names in users.items() if volume.startswith("secrets-")}
    assert secret == {
        "secrets-database": {"database"},
        "secrets-owner": {"migrate"},
        **{f"secrets-{name}": {name} for name in OURS},
    }


def test_no_secret_stands_in_the_files() -> None:
    told = [name for name in environment() if re.search("PASSWORD|SECRET|TOKEN|KEY", name) and not name.endswith("_FILE")]
    example = (DEPLOY / "example.env").read_text(encoding="utf-8")

    assert told == []
    assert not re.search(r"(?i)^[^#\n]*(password|secret|token)[^\n]*=\S", example, re.MULTILINE)
    assert "stack" not in stack().get("secrets", {})


def test_only_the_proxy_has_a_port_and_the_database_no_way_out() -> None:
    assert [name for name, part in services().items() if "ports" in part] == ["proxy"]
    assert {name for name in ("database", "kafka", "issuer") if services()[name]["networks"] != ["inner"]} == set()
    assert stack()["networks"]["inner"]["internal"] is True


def test_without_the_settings_file_the_stack_says_what_to_do() -> None:
    assert "cp deploy/example.env deploy/.env" in environment()["SLUICEGATE_OIDC_ISSUER"]
    assert "COMPOSE_PROFILES=try" in (DEPLOY / "example.env").read_text(encoding="utf-8")
    assert services()["issuer"]["profiles"] == ["try"]


def test_every_variable_is_one_that_the_code_knows() -> None:
    kinds: list[type[BaseSettings]] = [*(part.settings for part in SERVICES.values()), OwnerSettings, OidcSettings, KafkaSettings]
    known = {f"{kind.model_config.get('env_prefix')}{name}".upper() for kind in kinds for name in kind.model_fields}
    used = {name for name in environment() if name.startswith("SLUICEGATE_")}
    example = set(re.findall(r"^#?(SLUICEGATE_\w+)=", (DEPLOY / "example.env").read_text(encoding="utf-8"), re.MULTILINE))
    asked = set(re.findall(r"\$\{(SLUICEGATE_\w+)", (DEPLOY / "compose.yaml").read_text(encoding="utf-8")))

    assert used - known == set()
    assert example - asked == set()


def test_the_image_is_built_in_two_stages_from_what_is_locked() -> None:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    build, run = text.split("\nFROM ")[1:]

    assert EXACT.fullmatch(re.findall(r"^ARG PYTHON=(\S+)$", text, re.MULTILINE)[0])
    assert "--require-hashes --only-binary :all: -r requirements.txt" in build
    assert all(f"./{member}" in build for member in ("contracts", "chassis", *(f"services/{name}" for name in SERVICES), "deploy"))
    assert "uninstall" in build
    assert "pip" not in run
    assert f"USER {OUR_USER}:{OUR_USER}" in run
    assert run.index("USER") < run.index("ENTRYPOINT")
    assert "--mount" not in text
    assert not re.search(r"^(ADD|HEALTHCHECK)|curl|wget", text, re.MULTILINE)


def test_the_proxy_knows_every_service_and_runs_as_nobody() -> None:
    proxy = (DEPLOY / "proxy" / "nginx.conf").read_text(encoding="utf-8")

    assert set(re.findall(r"location /([a-z-]+)/ \{\s+set \$upstream http://\1:8080;", proxy)) == OURS
    assert set(re.findall(r"auth_request /_ask/([a-z-]+);", proxy)) == OURS
    assert "X-Forwarded-For $remote_addr" in proxy
    # a place with headers of its own inherits none
    assert proxy.count("add_header X-Correlation-Id $own_correlation_id always;") == 1 + len(
        re.findall("add_header (?!X-Correlation-Id)", proxy)
    )
    assert "\nUSER 10002:10002" in (DEPLOY / "proxy" / "Dockerfile").read_text(encoding="utf-8")
