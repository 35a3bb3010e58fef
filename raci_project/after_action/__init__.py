"""The after-action report: an exercise as it ran, how it was judged, and what is improved by whom."""
