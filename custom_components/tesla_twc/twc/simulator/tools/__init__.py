"""What command-line tools, tests and benchmarks add to the simulation; Home Assistant loads none of it."""
