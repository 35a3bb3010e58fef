"""Pages that need no sign-in: each is reached by a signed link, and can do that one thing only."""
