"""What notifier decides: who gets a delivery, what follows an attempt, what falls due and who is to look at it, when a digest is due.

Pure: time arrives as an argument.
"""

from services.notifier.rules.figures import LONGEST_LIST, figures_by_township, totals
from services.notifier.rules.noting import noted, word_on
from services.notifier.rules.reminding import reminder_of
from services.notifier.rules.telling import GONE, LONGEST_RETRY_AFTER, TOWNSHIP_BOUND, Outcome, after, targets, wants
from services.notifier.rules.weeks import Week, week_to_issue

__all__ = [
    "GONE",
    "LONGEST_LIST",
    "LONGEST_RETRY_AFTER",
    "TOWNSHIP_BOUND",
    "Outcome",
    "Week",
    "after",
    "figures_by_township",
    "noted",
    "reminder_of",
    "targets",
    "totals",
    "wants",
    "week_to_issue",
    "word_on",
]
