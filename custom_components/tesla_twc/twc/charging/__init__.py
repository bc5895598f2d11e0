"""The decisions: who may draw how much. Pure functions and small state machines; time is passed in."""
