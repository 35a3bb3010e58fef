"""The benchmark: our pages and acts beside bare Django doing the same work on the same rows."""
