"""python -m bench.wording [--sample 100 --seed N] [--show RULE] [--cost]

Runs the wording checks over the real public updates in SHARED_DATA (default ../shared/data), the
updates of an incident in their order, and prints how often each rule fires. With --sample it draws
so many remarks, spread over the rules, and prints them to be judged; texts are only printed. With
--cost it prints what a check costs of real texts put together, and of texts made to hurt.
"""

import argparse
import os
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path
from time import process_time
from typing import NamedTuple

from bench.wording_updates import Said, incidents
from incidents.rules.wording_checks import RULES, Known, Remark, Words, check

DATA = Path(os.environ.get("SHARED_DATA", "../shared/data")) / "incident-histories"
# Beginnings of what the patterns look for, which never come to their end.
_ODD = (
    ".", "a.", "<!--", "-eyJaaaaaaaaa.", "by 5 pm ", "will fix by 5 pm ", "1 ", "AAAA ", "due to ",
    " ", "\n", "http://", "a-", "web-", "{", "[insert ", "::", "1.1.1.", "no data ", "since 1", "a@",
    "+1 ", "DE12 ABCD ", "password: ", "caused by the ", "take really ", "/var/", "!", "10% of ",
    "a1b2c3d", "ip-1-", "0", "we ", "a:b@", "x://a:",
)  # fmt: skip
_AROUND = 240  # characters shown on each side of what is to be judged


class Found(NamedTuple):
    """One remark, where it was found, and what had been said before."""

    said: Said
    remark: Remark
    earlier: tuple[Said, ...]

    @property
    def id(self) -> tuple[str, str, int, str, int]:
        """Source, incident, number of the update in it, rule, offset: what a verdict is about."""
        return (*self.said[:3], self.remark.rule, self.remark.start)


def findings(data: Path) -> tuple[Counter[str], list[Found]]:
    """How many updates each source has, and every remark on them."""
    read: Counter[str] = Counter()
    found: list[Found] = []
    for updates in incidents(data):
        for number, said in enumerate(updates):
            read[said.source] += 1
            earlier = tuple(updates[:number])
            known = Known(earlier=tuple(each.words for each in earlier))
            found += [Found(said, remark, earlier) for remark in check(said.words, known)]
    return read, found


def table(read: Counter[str], found: Sequence[Found]) -> Iterator[str]:
    """By rule and level: how often in each source, in all, and in how many updates of a hundred."""
    sources = list(read)
    yield "| rule | " + " | ".join(sources) + " | all | of 100 updates |"
    yield "|---|" + "---|" * (len(sources) + 2)
    yield (
        "| updates read | "
        + " | ".join(str(read[each]) for each in sources)
        + f" | {read.total()} | |"
    )
    counts = Counter(
        (each.remark.rule, str(each.remark.level), each.said.source) for each in found
    )
    touched = defaultdict(set)
    for each in found:
        touched[each.remark.rule, str(each.remark.level)].add(each.said[:3])
    for rule in RULES:
        for level in rule.levels:
            row = [counts[rule.id, level, source] for source in sources]
            share = 100 * len(touched[rule.id, level]) / read.total()
            cells = " | ".join(str(each or "") for each in row)
            yield f"| {rule.id} {level} | {cells} | {sum(row)} | {share:.1f} |"


def sample(found: Sequence[Found], size: int, seed: int) -> list[Found]:
    """So many, drawn rule by rule in turn, so that rare rules are judged too."""
    strata = defaultdict(list)
    for each in found:
        strata[each.remark.rule].append(each)
    for rule, remarks in strata.items():
        random.Random(f"{seed} {rule}").shuffle(remarks)
    turns = zip_longest(*(strata[rule] for rule in sorted(strata)))
    drawn = [each for turn in turns for each in turn if each is not None][:size]
    return sorted(drawn, key=lambda each: (each.remark.rule, each.id))


def shown(found: Found) -> str:
    """What somebody reads to judge it."""
    text, remark = found.said.words.text, found.remark
    ahead, behind = (
        text[max(0, remark.start - _AROUND) : remark.start],
        text[remark.end :][:_AROUND],
    )
    around = f"{ahead}[[{text[remark.start : remark.end]}]]{behind}".replace("\n", " ")
    lines = [
        f"{','.join(map(str, found.id))} {remark.level} stage={found.said.words.stage}",
        around,
        f"-> {remark.message}",
    ]
    if remark.rule in ("W16", "W17", "W18", "W19", "W20"):
        lines += [
            f"  before: {each.words.stage}: {each.words.text[:300]!r}"
            for each in found.earlier[-4:]
        ]
    return "\n".join(lines)


def costs(data: Path) -> Iterator[str]:
    """Milliseconds of processor time by length; the made-up text that costs most stands last."""
    lengths = (5_000, 10_000, 20_000, 40_000)
    yield "| text | " + " | ".join(f"{each:,} characters" for each in lengths) + " |"
    yield "|---|" + "---:|" * len(lengths)
    told: dict[str, str] = defaultdict(str)
    for updates in incidents(data):
        for said in updates:
            told[said.source] += said.words.text + "\n"
    real = {source: text for source, text in told.items() if len(text) >= lengths[-1]}
    odd = {f"“{bit}” over and over": bit * lengths[-1] for bit in _ODD}
    worst = max(odd, key=lambda name: _cost(odd[name][: lengths[-1]]))
    for name, text in (real | {worst: odd[worst]}).items():
        yield (
            f"| {name} | " + " | ".join(f"{_cost(text[:each]):.0f}" for each in lengths) + " |"
        )


def _cost(text: str) -> float:
    words = Words(text=text, audience="public", at=datetime(2026, 1, 1, tzinfo=UTC))
    known = Known(earlier=(words,))
    took = []
    for _ in range(3):
        start = process_time()
        check(words, known)
        took.append(process_time() - start)
    return 1000 * min(took)


def main() -> None:
    """Print the table, and the sample where one is asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench.wording", description=__doc__)
    parser.add_argument("--sample", type=int, default=0, help="how many remarks to draw")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", default="", help="draw from this rule alone")
    parser.add_argument("--cost", action="store_true", help="what a check costs, by length")
    asked = parser.parse_args()
    if asked.cost:
        print("\n".join(costs(DATA)))
        return
    read, found = findings(DATA)
    print("\n".join(table(read, found)))
    of = [each for each in found if asked.show in ("", each.remark.rule)]
    for each in sample(of, asked.sample, asked.seed):
        print("\n" + shown(each))


if __name__ == "__main__":
    main()
