"""`python -m training.solver`: a problem as JSON comes in, lines of JSON go out.

{"progress": {"seconds", "objective", "bound"}} for each better plan, then {"answer": {…}}.
Ends with 2 and one line of why where the problem cannot be read or contradicts itself.
"""

import json
import sys
from typing import Any

from incidents.rules.reasons import Invalid
from training.rules.planning_json import answer_as_json, problem_from_json
from training.solver.solve import solve


def main() -> int:
    """Read, solve, write."""
    try:
        problem = problem_from_json(json.load(sys.stdin))
    except (Invalid, ValueError, RecursionError) as error:
        sys.stderr.write(" ".join(str(error).split()) + "\n")
        return 2
    _write(answer=answer_as_json(solve(problem, lambda progress: _write(progress=progress))))
    return 0


def _write(**line: Any) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
