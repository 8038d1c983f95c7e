"""Reference codes of the city and of the national standards, as plain lookups: loaded once, no state, no I/O after import.

Where each list comes from and how far it was checked: ``data/SOURCES.md``.
"""

from contracts.reference.departments import Department, department, departments
from contracts.reference.industries import IndustryClass, PollutingTrade, block_industries, industry_class, polluting_trades, section_of
from contracts.reference.land import SCHEMES, LandClass, land_class, land_classes
from contracts.reference.townships import (
    Township,
    canonical_code,
    codes_of,
    codes_watched,
    group_of,
    in_area,
    township,
    township_named,
    townships,
    zone_committee_allowed,
)

__all__ = [
    "SCHEMES",
    "Department",
    "IndustryClass",
    "LandClass",
    "PollutingTrade",
    "Township",
    "block_industries",
    "canonical_code",
    "codes_of",
    "codes_watched",
    "department",
    "departments",
    "group_of",
    "in_area",
    "industry_class",
    "land_class",
    "land_classes",
    "polluting_trades",
    "section_of",
    "township",
    "township_named",
    "townships",
    "zone_committee_allowed",
]
