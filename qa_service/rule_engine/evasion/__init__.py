"""Undoes what hides words from a word list: look-alikes, pictures, split characters, pinyin, homophones; keeps exact places."""
