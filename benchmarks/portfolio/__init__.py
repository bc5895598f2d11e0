"""Many houses under many skies, so that no rule can be tuned to one month: what every rule makes of each.

``python -m benchmarks.surplus --portfolio JUNE.csv.gz OTHER.csv.gz [--jobs N] [--json] [--plot FILE]``

The traces as they are, on one and on three phases, and weeks that are put together anew from their days: a seed draws
the sky, the season, the house, the plant, the wiring, the meter and whether there is a house battery. The cases are in
two halves. Constants of the engine may be chosen by the first half only; the second shows what that is worth.
"""
