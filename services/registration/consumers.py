"""What registration hears: the land verdict. Statements, parks, lists and grades reach it inside the verdict's findings."""

from chassis import policies
from chassis.service import On
from contracts.land_check import LandVerdictIssued
from contracts.policy_activation import PolicyActivated
from services.registration.handlers import hear_land_verdicts

SUBSCRIPTIONS = (On(LandVerdictIssued, hear_land_verdicts, awaited=True), On(PolicyActivated, policies.hear))
