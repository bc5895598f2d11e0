"""A real Home Assistant to develop and test on: seeded, started, onboarded and furnished without a click.

    python -m house develop [--folder .develop] [--port 8123] [--fresh]
    python -m house shot PAGE FILE.png [--port 8123]

Run with the Python of ``.venv``, which has Home Assistant and its frontend; scripts/develop does.
"""
