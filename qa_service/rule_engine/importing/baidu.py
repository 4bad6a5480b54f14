"""Baidu's keyword expressions, one a line: `(会议||例会)&&(缺货||退款)`, `!逾期`, each asked of one message."""

from __future__ import annotations

from qa_service.rule_engine.importing.source import Draft, Source, note_edges
from qa_service.rule_engine.importing.tree import All, Leaf, Lost, Not, Tree, joined, read_logic

_WIDE = str.maketrans("（）！＆｜", "()!&|")


def read_baidu(content: str) -> Source:
    """A rule a line: the expression, or a title, a tab and the expression; `#` begins a comment line."""
    source = Source()
    for number, line in enumerate(content.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        title, _, expression = line.rpartition("\t")
        path = f"line {number}"
        try:
            tree = read_logic(expression.translate(_WIDE), path, _word)
        except Lost as lost:
            source.lost.append(lost)
            continue
        note_edges(_words(tree), path, source)
        if isinstance(tree, Not):
            source.note(path, "is only a negation: found once for an agent who says it nowhere")
        shown = title.strip() or expression.strip()
        source.drafts.append(Draft(key=f"line_{number}", title=shown, path=path, tree=_one_message(tree)))
    return source


def _words(tree: Tree) -> list[str]:
    if isinstance(tree, Leaf):
        return list(tree.node["any"])
    return [word for child in ((tree.tree,) if isinstance(tree, Not) else tree.trees) for word in _words(child)]


def _word(text: str) -> Tree:
    return Leaf(node={"any": [text]})


def _one_message(tree: Tree) -> Tree:
    """The whole expression is one condition of one message; only a bare negation looks at all of them."""
    if isinstance(tree, Not):
        node = _node(tree.tree)
        return Not(Leaf(node=node, absence={"phrase": node, "anywhere": True}))
    return Leaf(node=_node(tree))


def _node(tree: Tree) -> dict[str, object]:
    if isinstance(tree, Leaf):
        return tree.node
    if isinstance(tree, Not):
        return {"not": _node(tree.tree)}
    return joined("and" if isinstance(tree, All) else "or", [_node(child) for child in tree.trees])
