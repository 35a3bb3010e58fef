"""The stories that ship: one YAML document each, told after a public outage, in our own words.

What happened there is marked as confirmed (read in a source) or recalled (to be checked before it
is quoted). All injects are fiction, told about services of ours that the planner chooses.
"""

from functools import cache
from pathlib import Path

from incidents.documents import read_document
from training.rules import stories
from training.rules.stories import Story

FOLDER = Path(__file__).parent


@cache
def shipped() -> tuple[Story, ...]:
    """Every story that ships, in the order of their titles; read once a process."""
    found = (
        stories.read(read_document(path.read_bytes()), path.stem)
        for path in FOLDER.glob("*.yaml")
    )
    return tuple(sorted(found, key=lambda story: story.title))
