"""Dataclasses whose values never change: the type checker sees to that, and nothing is paid for it at run time.

Guarding a frozen class at run time costs a call for each field of each new value. A filing passes through a hundred values, so it was a
twentieth of all the work of a process (DECISIONS 87). All code here is checked strictly, and an assignment to a field of a frozen class is
refused there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:
    import dataclasses

    def dataclass(*, frozen=False, eq=True, **options):
        """``dataclasses.dataclass``: a frozen class has the hash of its fields, as there, and no guard."""
        return dataclasses.dataclass(eq=eq, unsafe_hash=frozen and eq, **options)
