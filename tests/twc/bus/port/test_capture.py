"""The last frames on the line."""

from twc.bus.port.capture import Capture, CapturedFrame, Direction


def frame(time: float) -> CapturedFrame:
    return CapturedFrame(time, Direction.RECEIVED, b"\xfd\xe2")


def test_frames_are_returned_the_oldest_first() -> None:
    capture = Capture()
    capture.add(frame(1.0))
    capture.add(frame(2.0))
    assert [kept.time for kept in capture.frames()] == [1.0, 2.0]


def test_the_oldest_frames_make_room_for_new_ones() -> None:
    capture = Capture(kept=3)
    for time in range(5):
        capture.add(frame(float(time)))
    assert [kept.time for kept in capture.frames()] == [2.0, 3.0, 4.0]


def test_what_was_handed_out_does_not_change_any_more() -> None:
    capture = Capture()
    capture.add(frame(1.0))
    frames = capture.frames()
    capture.add(frame(2.0))
    assert len(frames) == 1
