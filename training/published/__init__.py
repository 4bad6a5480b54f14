"""Tests that others published, beside the served model. Nothing that is trained here is shipped."""
