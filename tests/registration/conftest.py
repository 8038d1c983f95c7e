"""What the tests of registration's handlers begin with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from services.registration.domain import Filing
from tests.registration.vocabulary import Office, land, office, submission


@pytest.fixture
def registration() -> Iterator[Office]:
    with office() as each:
        yield each


@pytest.fixture
def held(registration: Office) -> Filing:
    """A filing in a village that was told that it lacks the statement."""
    return registration.hear(registration.submit(submission()), land("non_industrial", "required_missing", in_village=True))
