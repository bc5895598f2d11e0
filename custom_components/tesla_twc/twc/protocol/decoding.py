"""Decodes a body: picks its layout; padding is checked in ``specification``, each field's range in ``fields``."""

from .codes import Damage
from .fields import Implausible
from .framing import FrameRejected, RejectedFrame, Rejection, check_body
from .messages import CODECS, Message

_READERS = {body: layout.read for codec in CODECS.values() for body, layout in codec.layouts.items()}


def decode(body: bytes) -> Message:
    """Read an unescaped body, checksum included.

    Raises FrameRejected for anything that is not a plausible message.
    """
    code = check_body(body)
    try:
        message: Message = _READERS[code, len(body)](body)
    except Implausible as error:
        rejection = Rejection(Damage.IMPLAUSIBLE, str(error))
        raise FrameRejected(RejectedFrame(bytes(body), (rejection,), code)) from None
    return message
