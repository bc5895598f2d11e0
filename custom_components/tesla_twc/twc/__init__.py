"""Tesla Wall Connectors of the second generation, without Home Assistant.

Rooms: ``protocol`` turns bytes into messages, ``bus`` holds the conversation on one RS-485 line, ``charging``
decides who may draw how much, ``simulator`` plays wall connectors and cars. ``__main__`` is the command line.

The sources named in docstrings ("protocol.md 3.6", "ngardiner#453") are the protocol reference in ``docs/`` and the
issues of other programs. The older word for the controller, met in other programs and in the protocol's history, is
"master"; a wall connector is there a "slave".
"""
