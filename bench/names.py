"""What the benchmark's own processes agree on; nothing here needs Django."""

TOKEN = "the-token-of-the-benchmark"
