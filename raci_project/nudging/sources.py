"""Where the things are that each policy is about, of all three apps."""

from collections.abc import Mapping

from incidents.operations import nudged
from incidents.operations.try_out import Source
from reviews.operations import try_out as of_reviews
from training.operations import try_out as of_training

SOURCES: Mapping[str, Source] = {
    source.what: source
    for source in (*nudged.SOURCES, *of_reviews.SOURCES, *of_training.SOURCES)
}
