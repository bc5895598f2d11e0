"""Guards the main fuse of the house, each phase separately."""
