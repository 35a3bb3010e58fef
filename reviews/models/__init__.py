"""Reviews, their factors and the one register of action items."""

from reviews.models.action_item import ActionItem
from reviews.models.review import CauseClass, ContributingFactor, Review

__all__ = ["ActionItem", "CauseClass", "ContributingFactor", "Review"]
