"""The numbers leaders act on: medians first, and beside each what it does not cover."""

from reviews.metrics.durations import Duration
from reviews.metrics.report import Month, Report, measure, monthly
from reviews.metrics.shares import CauseShare, RepeatShare, Share

__all__ = [
    "CauseShare",
    "Duration",
    "Month",
    "RepeatShare",
    "Report",
    "Share",
    "measure",
    "monthly",
]
