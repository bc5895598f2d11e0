"""The serial port or connection: opened, read, written, passed on, listened to."""
