"""The sensors that measure the house: found, proposed to the owner, read, and followed when they are renamed."""
