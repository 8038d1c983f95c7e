"""What land_check hears, and what it does about it."""

from chassis import policies
from chassis.service import On
from contracts.policy_activation import PolicyActivated
from contracts.power_grid import BreachFound, FindingRecorded
from contracts.registration import (
    FilingAccepted,
    FilingAmended,
    FilingClosed,
    FilingHeld,
    FilingReferred,
    FilingRefused,
    FilingReviewed,
    FilingSubmitted,
    FilingWithdrawn,
)
from services.land_check.handlers.filings import filings_amended, filings_ended, filings_held, filings_submitted
from services.land_check.handlers.lists import breaches_found, findings_recorded
from services.land_check.handlers.rulings import disputes_ended

SUBSCRIPTIONS = (
    On(FilingSubmitted, filings_submitted, awaited=True),
    On(FilingAmended, filings_amended, awaited=True),
    On(FilingHeld, filings_held),
    On(FilingReviewed, disputes_ended),
    On(FilingAccepted, filings_ended),
    On(FilingRefused, filings_ended),
    On(FilingReferred, filings_ended),
    On(FilingWithdrawn, filings_ended),
    On(FilingClosed, filings_ended),
    On(FindingRecorded, findings_recorded),
    On(BreachFound, breaches_found),
    On(PolicyActivated, policies.hear),
)
