"""One RS-485 line and the wall connectors on it: the conversation, its limits, and the port."""
