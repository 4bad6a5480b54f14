"""Turns rules of other engines into packs, and says what could not be carried over. The tables: docs/rule_import.md."""
