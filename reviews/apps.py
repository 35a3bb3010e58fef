"""What we learnt: reviews, action items, metrics."""

from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    """Knows the incident, never the training."""

    name = "reviews"
    verbose_name = "Reviews"
