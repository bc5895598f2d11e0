"""The house that several buses share: how it comes into being, what runs of it, and what becomes of it in the end."""
