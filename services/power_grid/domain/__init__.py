"""The nouns of power_grid: facts about places, what is asked, what is answered. Frozen, without I/O."""

from services.power_grid.domain.answers import Answer, Obstacle, Question, Reason, Strand, Use
from services.power_grid.domain.clearances import Clearance, InstallRequest, Past, Review, Signature, TokenClaims
from services.power_grid.domain.facts import DeclaredUse, Filing, Finding, Grades, Judged, Parcel, Registered, SiteKey
from services.power_grid.domain.sites import Appeal, Block, FeedEntry, Known, Manufacturing, Override, ParcelFacts, Site, Standing

__all__ = [
    "Answer",
    "Appeal",
    "Block",
    "Clearance",
    "DeclaredUse",
    "FeedEntry",
    "Filing",
    "Finding",
    "Grades",
    "InstallRequest",
    "Judged",
    "Known",
    "Manufacturing",
    "Obstacle",
    "Override",
    "Parcel",
    "ParcelFacts",
    "Past",
    "Question",
    "Reason",
    "Registered",
    "Review",
    "Signature",
    "Site",
    "SiteKey",
    "Standing",
    "Strand",
    "TokenClaims",
    "Use",
]
