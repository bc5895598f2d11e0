"""What was downloaded for a bug report, said once more to the controller of today."""
