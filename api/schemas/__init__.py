"""What goes over the wire, with examples. Pydantic stays here: routes turn domain objects into these and back."""
