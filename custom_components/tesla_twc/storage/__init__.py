"""What is kept on disk between two starts, and how it is checked when it is read."""
