"""The decisions about current: how much each car may draw. No module here reads a clock; the time is passed in."""
