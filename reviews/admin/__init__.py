"""The admin of what we learnt; Django finds it by importing this package."""

from reviews.admin import action_item, review

__all__ = ["action_item", "review"]
