"""Names of ports: which one to keep, when two of them mean the same port, and what of one may be shown."""

import os
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

from homeassistant.components import usb

_SECRETS = {"key", "password", "noise_psk"}
"""Parts of an ESPHome address that are nobody's business."""

_OVER_TCP = {"socket", "tcp", "rfc2217"}
"""Schemes that reach a serial server by host and TCP port, so that these two say which port it is."""


def lasting_name(device: str) -> str:
    """Return the tidy name of ``device`` that survives re-plugging. Reads the disk: not for the event loop.

    A name that is a link was chosen by somebody (by-id, by-path, a udev rule) and is kept.
    """
    device = device.strip()
    if url := _split(device):
        return url._replace(netloc=_lower_host(url.netloc), path=url.path.rstrip("/")).geturl()
    if not device.startswith("/") or Path(device).is_symlink():
        return device
    return usb.get_serial_by_id(os.path.normpath(device))


def identity(device: str) -> str:
    """Return the same text for all names of one port. Reads the disk: not for the event loop."""
    if url := _split(device):
        return _lower_host(url.netloc) if url.scheme in _OVER_TCP else _without_secrets(url)
    return os.path.realpath(device) if device.startswith("/") else device


def redacted(device: str) -> str:
    """Return ``device`` without keys and passwords, for logs, titles and error texts."""
    url = _split(device)
    return _without_secrets(url) if url else device


def short_name(device: str) -> str:
    """Return what tells ``device`` from others at a glance: the last part of a path, or the redacted URL."""
    return redacted(device) if "://" in device else Path(device).name


def _split(device: str) -> SplitResult | None:
    """Take a URL apart; None for a path, and for an address without a host or too broken to have parts."""
    try:
        url = urlsplit(device)
    except ValueError:
        return None
    return url if url.scheme and url.netloc else None


def _lower_host(netloc: str) -> str:
    """Host names have no case; what stands before the @ has."""
    user, at, host = netloc.rpartition("@")
    return user + at + host.lower()


def _without_secrets(url: SplitResult) -> str:
    public = [(key, value) for key, value in parse_qsl(url.query) if key not in _SECRETS]
    return url._replace(netloc=url.netloc.rpartition("@")[2], query=urlencode(public)).geturl()
