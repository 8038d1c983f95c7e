"""What power_grid hears: filings, land verdicts and ended statements, parcels, grades."""

from chassis import policies
from chassis.service import On
from contracts.land_check import (
    GradeRecorded,
    LandVerdictIssued,
    ParcelChanged,
    StatementFoundForged,
    StatementIssued,
    StatementRevoked,
)
from contracts.policy_activation import PolicyActivated
from contracts.registration import (
    FilingAccepted,
    FilingAmended,
    FilingClosed,
    FilingHeld,
    FilingReferred,
    FilingRefused,
    FilingSubmitted,
    FilingWithdrawn,
)
from services.power_grid.handlers import hear_filings, hear_grades, hear_parcels

SUBSCRIPTIONS = (
    On(FilingSubmitted, hear_filings),
    On(FilingAmended, hear_filings),
    On(FilingHeld, hear_filings),
    On(FilingAccepted, hear_filings),
    On(FilingRefused, hear_filings),
    On(FilingReferred, hear_filings),
    On(FilingWithdrawn, hear_filings),
    On(FilingClosed, hear_filings),
    On(LandVerdictIssued, hear_filings),
    On(StatementIssued, hear_filings),
    On(StatementRevoked, hear_filings),
    On(StatementFoundForged, hear_filings),
    On(ParcelChanged, hear_parcels),
    On(GradeRecorded, hear_grades),
    On(PolicyActivated, policies.hear),
)
