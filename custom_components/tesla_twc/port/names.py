"""Compares and shortens names of ports: which one to keep, which two mean the same, what may be shown."""

from dataclasses import dataclass
import os
from pathlib import Path
import re
from urllib.parse import SplitResult, parse_qsl, unquote_plus, urlencode, urlsplit

from homeassistant.components import usb

from ..twc.bus.port.errors import PortProblem, explain
from ..twc.bus.port.schemes import OVER_TCP, scheme_of

_SECRETS = {"key", "password", "noise_psk"}
"""Parts of an ESPHome address that are nobody's business."""

_SECRET_IN_TEXT = re.compile(r"(?i)\b(key|password|noise_psk)=([^&#\s'\"]*)")
_USER_IN_TEXT = re.compile(r"//[^/@\s]*@")

_ESPHOME_MISSING = "esphome_missing"
"""The library that opens esphome:// comes with the integration of that name."""

_LABEL = r"[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*"
"""Written so that there is one way to read it: whatever is typed, a match takes no time."""
_HOST_AND_PORT = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?:\d{{1,5}}|\[[0-9A-Fa-f:]+\]:\d{{1,5}}")
_IP_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_TCP = "socket://"


def lasting_name(device: str) -> str:
    """Return the tidy name of ``device`` that survives re-plugging. Reads the disk: not for the event loop.

    A name that is a link was chosen by somebody (by-id, by-path, a udev rule) and is kept.
    """
    device = device.strip()
    if _HOST_AND_PORT.fullmatch(device) or _IP_ADDRESS.fullmatch(device):
        # What is written on a serial server: its address, and mostly its port.
        device = f"{_TCP}{device}"
    if url := _split(device):
        return url._replace(netloc=_lower_host(url.netloc), path=url.path.rstrip("/")).geturl()
    if not _is_path(device) or Path(device).is_symlink():
        return device
    return usb.get_serial_by_id(os.path.normpath(device))


def identity(device: str) -> str:
    """Return the same text for all names of one port. Reads the disk: not for the event loop."""
    if url := _split(device):
        return _lower_host(url.netloc) if url.scheme in OVER_TCP else _without_secrets(url)
    return os.path.realpath(device) if _is_path(device) else device


def redacted(device: str) -> str:
    """Return ``device`` without keys and passwords, for logs, titles and error texts."""
    url = _split(device)
    return scrubbed(_without_secrets(url) if url else device)


def scrubbed(text: str) -> str:
    """Blank what looks like a secret, also where the text around it is no proper URL."""
    return _USER_IN_TEXT.sub("//", _SECRET_IN_TEXT.sub(r"\1=…", text))


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedPort:
    """Why a port did not open, fit to be shown and logged."""

    key: str
    """The end of the translation key."""
    port: str
    error: str


def why_closed(error: BaseException, device: str) -> ClosedPort:
    """Explain one of ``link.OPEN_ERRORS``. Libraries put whole addresses into their errors, secrets included."""
    problem = explain(error, device)
    no_esphome = problem is PortProblem.UNKNOWN_SCHEME and device.lower().startswith("esphome")
    text = str(error).replace(device, redacted(device))
    for _, secret in _SECRET_IN_TEXT.findall(device):
        for spelling in {secret, unquote_plus(secret)} - {""}:
            text = text.replace(spelling, "…")
    return ClosedPort(
        key=_ESPHOME_MISSING if no_esphome else problem.value, port=redacted(device), error=scrubbed(text)
    )


def short_name(device: str) -> str:
    """Return what tells ``device`` from others at a glance: the last part of a path, or the redacted URL."""
    return redacted(device) if scheme_of(device) else Path(device).name


def _is_path(device: str) -> bool:
    """Whether the disk can be asked about it. No file name holds a NUL: opening it will say so."""
    return device.startswith("/") and "\0" not in device


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
