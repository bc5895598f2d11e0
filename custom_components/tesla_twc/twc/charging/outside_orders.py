"""Carries what limits from outside leave over to the orders, after main fuse and circuit have limited the plans."""

from dataclasses import replace

from .limiter import Limited
from .outside.sharing import OutsideShare


def with_outside(limited: Limited, share: OutsideShare) -> Limited:
    """Return the orders with what follows from limits from outside for heartbeats and the cure."""
    if not share.holds and not share.left_alone:
        return limited
    orders = {twcid: None if twcid in share.left_alone else order for twcid, order in limited.orders.items()}
    spikes = {
        twcid: min(amps, share.holds[twcid].amps) if twcid in share.holds else amps
        for twcid, amps in limited.spikes.items()
    }
    return replace(
        limited,
        orders=orders,
        left_alone=limited.left_alone | share.left_alone,
        times=(*limited.times, *share.times),
        spikes=spikes,
        outside=share.holds,
    )
