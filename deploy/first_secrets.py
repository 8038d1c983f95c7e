"""First start of the compose stack: makes every secret that is not there yet, each where only its user can read it.

``python -m deploy.first_secrets FOLDER``: ``FOLDER/database`` is the database server's, ``FOLDER/owner`` is for ``sluicegate migrate``,
``FOLDER/SERVICE`` is each service's own. Nothing that exists is changed.
"""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

import orjson
from joserfc.jwk import OctKey

from deploy.services import SERVICES

OUR_USER = 10001
"""As in ``deploy/Dockerfile``."""


def main(folder: Path) -> None:
    server = folder / "database"
    for name in ("superuser", "owner", *SERVICES):
        _keep(server / name, secrets.token_urlsafe(32), 0o444)  # the server's own users differ between images; only it mounts this folder
    _keep(folder / "owner" / "password", (server / "owner").read_text(), 0o400, OUR_USER)
    for name in SERVICES:
        _keep(folder / name / "password", (server / name).read_text(), 0o400, OUR_USER)
    key = OctKey.generate_key(256).as_dict(private=True)
    _keep(folder / "power_grid" / "clearance.jwk", orjson.dumps(key).decode(), 0o400, OUR_USER)


def _keep(file: Path, secret: str, mode: int, owner: int | None = None) -> None:
    if file.exists():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}")
    draft.write_text(secret)
    draft.chmod(mode)
    if owner is not None:
        os.chown(draft, owner, owner)
    draft.replace(file)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
