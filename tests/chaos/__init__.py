"""Tests under fire: real processes, killed, cut off, misled; and what became of every message.

`python -m tests.chaos` runs every scenario and prints one table; it ends with 1 when a message was
lost, or sent twice without a reason. What is counted is read from the tables and from what the
mail server noted, not through the program that is tried.
"""
