"""Any matrix a program might hold, for properties that must hold of all of them."""

from dataclasses import replace

from hypothesis import strategies as st

from incidents.rules.acts import ACTS
from incidents.rules.matrix_names import PHASES, ROLES
from incidents.rules.raci import Activity, Grid, Letter, Variation, VariationKind

# Every script, punctuation that spreadsheets and YAML might trip over, and what begins a formula.
_characters = st.characters(categories=["L", "N", "P", "S", "Zs"]) | st.sampled_from(
    "=+-@'\"#:,;"
)
names = (
    st.text(_characters, min_size=1, max_size=12)
    .map(lambda text: " ".join(text.split()))
    .filter(bool)
)
prose = st.lists(names, max_size=3).map("\n".join)
letters = st.dictionaries(st.sampled_from(ROLES), st.sampled_from(Letter), max_size=5)
differences = st.dictionaries(
    st.sampled_from(ROLES), st.none() | st.sampled_from(Letter), min_size=1, max_size=3
)
activities = st.builds(
    Activity,
    phase=st.sampled_from([str(phase) for phase in PHASES]),
    name=names,
    letters=letters,
    act=st.sampled_from(["", *ACTS]),
    proceed_after=st.none() | st.integers(0, 500),
    within=st.none() | st.integers(0, 500),
    description=prose,
    key=st.text("0123456789abcdef", max_size=12),
)
cases = st.sampled_from(
    [
        (VariationKind.SEVERITY, "sev1"),
        (VariationKind.SEVERITY, "sev2"),
        (VariationKind.TIER, "4"),
        (VariationKind.SCENARIO, "data-exposed"),
    ]
)


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    """A matrix of our own phases and roles that says everything a matrix can say."""
    rows = draw(st.lists(activities, min_size=1, max_size=6, unique_by=lambda row: row.place))
    roles = draw(st.permutations(ROLES))
    said = st.dictionaries(
        st.sampled_from([row.place for row in rows]), differences, max_size=3
    )
    variations = [
        Variation(*case, draw(said), draw(prose))
        for case in draw(st.lists(cases, max_size=3, unique=True))
    ]
    described = draw(st.dictionaries(st.sampled_from(ROLES), prose.filter(bool), max_size=3))
    return Grid(_distinct(rows), tuple(roles), tuple(variations), described)


def _distinct(rows: list[Activity]) -> tuple[Activity, ...]:
    """No act twice in a phase, no key twice."""
    seen: set[object] = {""}
    found = []
    for row in rows:
        governed = (row.phase, row.act)
        found.append(
            replace(
                row,
                act="" if governed in seen else row.act,
                key="" if row.key in seen else row.key,
            )
        )
        seen |= {governed, row.key}
    return tuple(found)
