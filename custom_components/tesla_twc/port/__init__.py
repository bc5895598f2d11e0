"""The port of a bus as Home Assistant sees it: its names, and how it is opened."""
