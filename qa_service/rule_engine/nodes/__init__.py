"""The nodes of a match tree: one kind a file, all behind `base.Node`. `registry` lists them by their name in packs."""
