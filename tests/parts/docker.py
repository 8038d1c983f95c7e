"""Whether containers can be had."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache


@cache
def docker_answers() -> bool:
    """Whether a Docker engine is there and testcontainers can use it. The client is asked: the library leaves a socket open if it fails."""
    if not shutil.which("docker"):
        return False
    if subprocess.run(["docker", "version"], capture_output=True, timeout=20, check=False).returncode:
        return False
    from testcontainers.core.config import testcontainers_config

    testcontainers_config.ryuk_disabled = True  # its image may not be there; what we start we stop
    return True
