"""The cars of a house: their VINs, what their owner says of each, and which of them is at a wall connector."""
