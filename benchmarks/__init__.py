"""What the integration costs, measured: run ``python -m benchmarks``."""
