"""A secret this process makes for itself: in a file of its owner's alone, the same for all who start at once."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson


def kept(path: Path, make: Callable[[], Any]) -> Any:
    """The JSON in ``path``; where there is no file, what ``make`` gives is kept there. Of several processes the first one's counts."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(orjson.dumps(make()))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # another process was first
        finally:
            draft.unlink()
    return orjson.loads(path.read_bytes())
