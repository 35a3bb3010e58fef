"""The solver of the year's plan, in a process of its own: the only place that knows OR-Tools."""
