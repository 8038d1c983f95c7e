"""What registration does: filings come in, are decided, and are acted upon."""

from services.registration.handlers.acting import READERS, Act, may_see
from services.registration.handlers.applicant import Answered, Appealed, amend, answer, appeal, declare_no_statement, withdraw
from services.registration.handlers.correcting import Correction, correct
from services.registration.handlers.falling_due import date_what_a_new_calendar_reaches, due_days
from services.registration.handlers.judge import hear_land_verdicts, refuse_overdue
from services.registration.handlers.officers import AppealDecided, Reviewed, decide_appeal, extend, record_uscc, review
from services.registration.handlers.review_cases import close_review_cases
from services.registration.handlers.setting_aside import SettingAside, set_aside
from services.registration.handlers.submit import submit

__all__ = [
    "READERS",
    "Act",
    "Answered",
    "AppealDecided",
    "Appealed",
    "Correction",
    "Reviewed",
    "SettingAside",
    "amend",
    "answer",
    "appeal",
    "close_review_cases",
    "correct",
    "date_what_a_new_calendar_reaches",
    "decide_appeal",
    "declare_no_statement",
    "due_days",
    "extend",
    "hear_land_verdicts",
    "may_see",
    "record_uscc",
    "refuse_overdue",
    "review",
    "set_aside",
    "submit",
    "withdraw",
]
