"""What a test needs and cannot get: skipped at home with its reason, a failure in CI."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


class Unavailable(Exception):  # noqa: N818 - it says what is the matter
    """A real part cannot be had here; the text is the reason."""


def skip_or_fail(reason: Unavailable) -> NoReturn:
    """CI=true: fail, so that nothing goes untested there unseen."""
    if os.environ.get("CI") == "true":
        pytest.fail(str(reason), pytrace=False)
    pytest.skip(str(reason))
