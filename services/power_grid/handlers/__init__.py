"""Load, ask the rules, save, return the messages caused."""

from services.power_grid.handlers.appeals import AppealBlock, DecideAppeal, appeal_blocks, decide_appeals
from services.power_grid.handlers.blocks import Acknowledge, SignOverride, acknowledge_blocks, sign_overrides
from services.power_grid.handlers.calendar import judge_due_sites, judge_under_another_policy
from services.power_grid.handlers.deciding import Commit, ReviewHold, commit_clearances, review_clearances, shown_reasons
from services.power_grid.handlers.falling_due import ACKNOWLEDGEMENT, Due, falling_due
from services.power_grid.handlers.findings import CloseFinding, RecordFinding, close_findings, record_findings
from services.power_grid.handlers.hearing import hear_filings, hear_grades, hear_parcels
from services.power_grid.handlers.looking import PlaceToCheck, SiteThen, SiteView, check_place, look_at_site, look_back_at_site
from services.power_grid.handlers.requesting import Asked, request_installs
from services.power_grid.handlers.review_cases import close_review_cases

__all__ = [
    "ACKNOWLEDGEMENT",
    "Acknowledge",
    "AppealBlock",
    "Asked",
    "CloseFinding",
    "Commit",
    "DecideAppeal",
    "Due",
    "PlaceToCheck",
    "RecordFinding",
    "ReviewHold",
    "SignOverride",
    "SiteThen",
    "SiteView",
    "acknowledge_blocks",
    "appeal_blocks",
    "check_place",
    "close_findings",
    "close_review_cases",
    "commit_clearances",
    "decide_appeals",
    "falling_due",
    "hear_filings",
    "hear_grades",
    "hear_parcels",
    "judge_due_sites",
    "judge_under_another_policy",
    "look_at_site",
    "look_back_at_site",
    "record_findings",
    "request_installs",
    "review_clearances",
    "shown_reasons",
    "sign_overrides",
]
