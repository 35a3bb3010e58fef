"""The report as Markdown, for whatever file or wiki it is to live in."""

import re
from collections.abc import Iterable, Iterator, Sequence

from markdown_it import MarkdownIt

from raci_project.after_action import words
from raci_project.after_action.values import Capability, Followed, Opinion, Report, Seen, Step
from training.rules.after_action import LEGEND

_PARSER = MarkdownIt("commonmark", {"html": False})
_MARKS = re.compile(r"([\\`*_\[\]<>#|~])")


def as_markdown(report: Report) -> str:
    """The whole report; what people wrote stays words, except the summary, which is Markdown."""
    parts = (
        _title(report),
        _section("1. Executive summary", _summary(report)),
        _section("2. What happened when", _course(report)),
        _section("3. Ratings", _ratings(report)),
        _section("4. Analysis by capability", _analysis(report)),
        _section("5. Hot wash and feedback", _said(report)),
        _section("6. Compared with the exercise before", words.comparison(report)),
        _section("7. The matrix: what was exercised, and what was not", _gained(report)),
        _section("8. What was not tested", [_list(map(plain, report.untested))]),
        _section("9. Improvement plan", _plan(report)),
        _section("10. What to practise next", _next(report)),
        _section("Annex: how it was judged, and how far it carries", _annex(report)),
    )
    return "\n\n".join(part for part in parts) + "\n"


def plain(text: str) -> str:
    """Words that stay words, on one line."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))


def inlaid(text: str) -> str:
    """Markdown that people wrote, to stand within a report.

    Headings go beneath those of the report, tags stay words, and a fence left open is closed.
    """
    lines = text.splitlines()
    tokens = _PARSER.parse(text)
    blocks = [one for one in tokens if one.type in ("fence", "code_block")]
    code = {number for one in blocks for number in range(*(one.map or (0, 0)))}
    for token in tokens:
        if token.type == "heading_open" and token.map:
            first, end = token.map
            if token.markup.startswith("#"):
                lines[first] = re.sub(
                    "#+", lambda hit: f"##{hit[0]}"[:6], lines[first], count=1
                )
            else:
                lines[end - 1] = ""  # the line drawn under it
    shown = [
        line if number in code else line.replace("<", "&lt;")
        for number, line in enumerate(lines)
    ]
    if blocks and (last := blocks[-1]).type == "fence" and last.map:
        is_open = not shown[last.map[1] - 1].strip().startswith(last.markup)
        if is_open or last.map[1] - last.map[0] < 2:
            shown.append(last.markup)
    return "\n".join(shown)


def _section(title: str, paragraphs: Iterable[str]) -> str:
    return "\n\n".join((f"## {title}", *paragraphs))


def _title(report: Report) -> str:
    facts = report.overview
    draft = "" if facts.published_at else "\n\n**Draft: not published yet.**"
    rows = (
        ("Exercise", facts.title),
        ("Record", facts.reference),
        ("Kind", f"{facts.kind}, {facts.pace}"),
        ("Date", f"{facts.starts_at:%-d %B %Y, %H:%M} UTC"),
        ("Duration", words.duration(report)),
        ("Story", facts.scenario),
        ("Told after", facts.told_after or "no outage of another organisation"),
        ("What happens", facts.summary or "not said"),
        (
            "Capabilities",
            words.listed(facts.capabilities) or "none: the story has no objectives",
        ),
        ("Scope", words.listed(facts.scope) or "no service named"),
        ("Organiser", facts.organiser),
        ("Report by", facts.owner),
        ("Players", "; ".join(str(each) for each in facts.players)),
        ("Run and judged by", "; ".join(str(each) for each in facts.staff) or "nobody named"),
    )
    return f"# After-action report: {plain(facts.title)}{draft}\n\n" + _table(
        ("", ""), [(name, plain(value)) for name, value in rows]
    )


def _summary(report: Report) -> Iterator[str]:
    yield plain(words.opening(report))
    yield inlaid(report.summary) or "_The summary is still to be written._"
    yield _list(map(plain, words.findings(report)))
    if report.timings:
        rows = [(plain(one.activity), words.timing(one)) for one in report.timings]
        yield _table(
            ("What the matrix times", f"{words.which_minutes(report)} from the declaration"),
            rows,
        )


def _course(report: Report) -> Iterator[str]:
    if not report.steps:
        yield "No inject was delivered through the product, so the course is not on record here."
    else:
        yield plain(words.course(report))
    for step in report.steps:
        yield "\n".join(_step(step))


def _step(step: Step) -> Iterator[str]:
    yield f"### {step.story} {plain(words.inject(step))}\n"
    yield f"> {plain(step.text)}\n"
    if step.expected:
        yield f"Expected: {plain(step.expected)}\n"
    if step.decided:
        yield f"Decided: {plain(step.decided)}\n"
    if not step.acts:
        yield "Nothing is on record that anybody did before the next inject."
    for act in step.acts:
        yield f"- {act.within}, {plain(act.by)}: {plain(act.text)}"
    for answer in step.answered:
        yield f"- {plain(answer)}"


def _ratings(report: Report) -> Iterator[str]:
    if not report.objectives:
        yield "The story states no objectives, so nothing was rated. Give it some before it is run again."
        return
    rows = [
        (
            str(one.number),
            plain(one.capability),
            plain(one.text) + (f" ({plain(one.target)})" if one.target else ""),
            one.rating or "not rated",
            " ".join(_opinion(said, several=len(one.opinions) > 1) for said in one.opinions),
        )
        for one in report.objectives
    ]
    yield _table(("", "Capability", "Objective", "Rating", "Why"), rows)
    if said := words.unrated(report):
        yield plain(said)


def _opinion(said: Opinion, *, several: bool) -> str:
    letter = f", {said.rating}" if several else ""
    return plain(f"{said.duty}{letter}: {said.reason}")


def _analysis(report: Report) -> Iterator[str]:
    if not report.capabilities:
        yield "Nothing was observed. Name an evaluator for the next exercise."
    for one in report.capabilities:
        yield from _capability(one)


def _capability(one: Capability) -> Iterator[str]:
    yield f"### {plain(one.name)}"
    yield words.capability(one)
    for heading, seen in (
        ("Strengths", one.strengths),
        ("Areas for improvement", one.improvements),
        ("Also seen", one.others),
    ):
        if seen:
            yield f"**{heading}**"
            yield _list(map(_seen, seen))


def _seen(one: Seen) -> str:
    parts = [plain(one.text), f"({one.story})"]
    if one.activities:
        parts.append(
            f"Matrix: {words.listed([f'“{plain(name)}”' for name in one.activities])}."
        )
    return " ".join(parts)


def _said(report: Report) -> Iterator[str]:
    for kind, heading in (
        ("strength", "What went well"), ("gap", "What did not"), ("priority", "The first to change"),
    ):  # fmt: skip
        said = report.hot_wash.get(kind, ())
        yield f"**{heading}**"
        yield _list(map(plain, said)) if said else "Nothing was noted."
    if report.readiness:
        found = report.readiness
        yield (
            f"{words.counted(found.count, 'participant')} gave feedback: ready "
            f"{found.before:.1f} of 5 before, {found.after:.1f} after."
        )
        yield _list(map(plain, report.comments))
    else:
        yield "Nobody gave feedback."


def _gained(report: Report) -> Iterator[str]:
    gained = report.gained
    if not gained.cells and not gained.others:
        yield "Nothing of the matrix is on record as exercised."
    else:
        were = "was" if gained.cells == 1 else "were"
        yield f"{words.counted(gained.cells, 'cell')} of the matrix {were} exercised."
    if gained.first:
        yield "For the first time:"
        yield _list(map(plain, gained.first))
    if gained.others:
        yield "Beside it:"
        yield _list(map(plain, gained.others))
    yield from _departed(report.followed)


def _departed(followed: Followed) -> Iterator[str]:
    if followed.otherwise:
        yield "Done otherwise than the matrix says:"
        yield _list(map(plain, followed.otherwise))
    if followed.undone:
        yield "Asked for by the matrix, and not on record as done:"
        yield _list(map(plain, followed.undone))


def _plan(report: Report) -> Iterator[str]:
    if not report.improvements:
        because = report.no_improvement_because
        yield (
            f"None, because: {plain(because)}" if because else "_No improvement was added yet._"
        )
        return
    rows = [
        (
            one.reference, plain(one.capability) or "–", plain(one.issue), plain(one.action),  # noqa: RUF001
            one.element or "–",  # noqa: RUF001
            plain(one.owner), f"{one.starts_on:%-d %b %Y}", f"{one.due_on:%-d %b %Y}", one.status,
            plain(one.verification) or "open",
        )
        for one in report.improvements
    ]  # fmt: skip
    yield _table(
        ("", "Capability", "Issue", "Corrective action", "Element", "Owner", "Start", "Due", "Status", "Verification"),
        rows,
    )  # fmt: skip


def _next(report: Report) -> Iterator[str]:
    if not report.suggestions:
        yield "Nothing stands out: every objective was met, and no story would add coverage."
    else:
        yield _list(map(plain, report.suggestions))


def _annex(report: Report) -> Iterator[str]:
    yield _list(f"{letter}: {meaning}" for letter, meaning in LEGEND.items())
    yield (
        "Evaluators rate what they saw and never their own role; of several ratings the lead "
        "evaluator's counts, else the lowest. Method: HSEEP, ISO 22398."
    )
    yield _list(map(plain, report.method))


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
