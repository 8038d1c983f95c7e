"""What power_grid hears: filings, land verdicts and ended statements, parcels, grades."""

from chassis import policies
from chassis.service import On
from contracts.land_check import GradeRecorded, LandVerdictIssued, ParcelChanged, StatementFoundForged, StatementRevoked
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
from services.power_grid.handlers import hear_grades, hear_land_check, hear_parcels, hear_registration

SUBSCRIPTIONS = (
    On(FilingSubmitted, hear_registration),
    On(FilingAmended, hear_registration),
    On(FilingHeld, hear_registration),
    On(FilingAccepted, hear_registration),
    On(FilingRefused, hear_registration),
    On(FilingReferred, hear_registration),
    On(FilingWithdrawn, hear_registration),
    On(FilingClosed, hear_registration),
    On(LandVerdictIssued, hear_land_check),
    On(StatementRevoked, hear_land_check),
    On(StatementFoundForged, hear_land_check),
    On(ParcelChanged, hear_parcels),
    On(GradeRecorded, hear_grades),
    On(PolicyActivated, policies.hear),
)
