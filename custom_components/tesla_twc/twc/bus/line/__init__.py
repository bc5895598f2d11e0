"""The line that all share: whose turn it is to speak, who else speaks, how well it works."""
