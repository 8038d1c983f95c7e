"""``python -m deploy.openapi`` writes the documents; with ``--check`` it writes nothing and exits 1 if one differs from the code."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from chassis.settings import ServiceSettings
from deploy.local import System
from deploy.services import SERVICES

FOLDER = Path(__file__).parent


def documents() -> dict[str, str]:
    """File name to text, for every service. Nothing is started."""
    with TemporaryDirectory() as data:
        services = System(SERVICES, ServiceSettings(data=Path(data))).services
        return {
            f"{name}.json": json.dumps(service.app.openapi(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
            for name, service in services.items()
        }


def main(arguments: list[str]) -> int:
    """Exit status: 0 written or equal, 1 different."""
    generated = documents()
    kept = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")}
    changed = sorted(name for name in generated.keys() | kept.keys() if generated.get(name) != kept.get(name))
    if "--check" in arguments:
        for name in changed:
            print(f"deploy/openapi/{name} 与代码不一致，请运行 make schemas / differs from the code: run make schemas", file=sys.stderr)
        return 1 if changed else 0
    for name in changed:
        if name in generated:
            (FOLDER / name).write_text(generated[name], encoding="utf-8")
        else:
            (FOLDER / name).unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
