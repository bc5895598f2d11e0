"""How a rule answers to one step, as a laboratory measures it: a kettle, the edge of a cloud.

``python -m benchmarks.surplus --steps [--json] [--plot FILE]``

A house stands still until its rule does, then something steps, and ten minutes later it steps back. Each step is made
many times, at another second of the meter's and the rule's own rhythm each time.
"""
