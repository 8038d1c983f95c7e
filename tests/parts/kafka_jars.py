"""Apache Kafka's published jars, fetched by Maven once for the user."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from filelock import FileLock

from tests.parts.unavailable import Unavailable

VERSION = "4.1.0"


@cache
def jars() -> Path:
    """The folder of Kafka's jars, fetched once for the user."""
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sluicegate"
    folder = caches / f"kafka-{VERSION}"
    caches.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            pom = Path(__file__).with_name("kafka.xml")
            made = Path(tempfile.mkdtemp(dir=caches))
            fetch = ["mvn", "-q", "-B", "-f", str(pom), "dependency:copy-dependencies", f"-DoutputDirectory={made}"]
            done = subprocess.run(fetch, capture_output=True, text=True, timeout=600, check=False)
            if done.returncode:
                shutil.rmtree(made)
                raise Unavailable(f"Maven could not fetch Apache Kafka: {(done.stdout + done.stderr)[-500:]}")
            made.rename(folder)
    return folder
