"""The dialogues of set-up and options: their forms, their steps, and listening to a port meanwhile."""
