"""A house of which everything is known, lived through once more: for benchmarks, and for an owner's own history."""
