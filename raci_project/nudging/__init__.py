"""The law of nudging in the admin: rows of leadership, previewed and tried out before they hold.

Here, and not among the edges of incidents: reviews and training are nudged by the same law.
"""
