"""The words the law uses: those of the pack in force, else of the pack that ships."""

from collections.abc import Mapping
from datetime import datetime

from incidents.operations import law, law_files


def words(vocabulary: str, *, at: datetime) -> Mapping[str, str]:
    """The codes of this vocabulary, such as `recipients`, with what they mean, in its order."""
    row = law.law_pack_in_force(at)
    pack = law.pack_of(row) if row else law_files.shipped_pack()
    return pack.words[vocabulary]
