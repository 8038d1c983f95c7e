"""The health check of a container: ``python -m deploy.healthy SERVICE`` ends with 0 if the service on this machine is ready."""

from __future__ import annotations

import sys
from urllib.error import URLError
from urllib.request import urlopen

if __name__ == "__main__":
    try:
        urlopen(f"http://127.0.0.1:8080/{sys.argv[1]}/readyz", timeout=4)
    except URLError as error:
        sys.exit(str(error))
