"""The mood model in torch: a turn encoder and a light causal dialogue head. Serving runs its ONNX export without torch.

Shapes: B conversations, N or T turns, H = encoder width, K = parts of it, L = tokens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertModel

from training.base_encoder import bert_of
from training.corpus_reader import ACTS, CATEGORIES, CAUSES, EMOTIONS, RISKS

ROLES = ("customer", "agent", "bot", "system")
OUTPUTS = {
    "emotion": len(EMOTIONS),
    "risk": len(RISKS),
    "tone": 1,
    "act": len(ACTS),
    "category": len(CATEGORIES),
    "satisfaction": 5,
    "cause": len(CAUSES),
}

SUSPICIONS, CAUSE = "category", "cause"
OWN = ("emotion", SUSPICIONS, CAUSE)
"""The outputs with layers of their own, which learn in a stage of their own while all others stay as they are (ADR 31, 33, 36)."""
SUSPICION_WIDTH, CAUSE_WIDTH, OWN_DROPOUT = 512, 256, 0.3
QUERIES = "encoder.queries"
SIDES = (ROLES.index("customer"), ROLES.index("agent"))
"""Whose turns say what the trouble comes from."""


class TurnEncoder(nn.Module):
    """Tokens → one vector a turn: of each of K parts of the width a mean over its tokens, weighted as the part asks.

    Untrained, no part asks for anything and the vector is the plain mean. One clause in a long turn can be what matters.
    Source: attention pooling (Yang et al. 2016), a query for each part.
    """

    def __init__(self, bert: BertModel) -> None:
        super().__init__()
        self.bert = bert
        self.queries = nn.Parameter(torch.zeros(bert.config.num_attention_heads, bert.config.hidden_size))

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """(N, L) ids and mask → (N, H)."""
        states = self.bert(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state.float()
        with torch.autocast("cpu", enabled=False):  # weights of three digits would not sum to 1
            asked = (states @ self.queries.T).masked_fill(attention_mask[..., None] == 0, float("-inf"))
            parts = states.unflatten(-1, (len(self.queries), -1))
            return (asked.softmax(1)[..., None] * parts).sum(1).flatten(1)


class DialogueHead(nn.Module):
    """Turn vectors and roles → logits per turn. Causal: turn t sees turns ≤ t only, so real time equals batch.

    All see the turn before once more, whole: what a bare "yes" promises or a bare "fine" swallows stands there (ADR 31, 33).
    """

    def __init__(self, width: int, size: int, dropout: float) -> None:
        super().__init__()
        self.role = nn.Embedding(len(ROLES), 16)
        self.norm = nn.LayerNorm(width)
        self.memory = nn.GRU(width + 16, size, batch_first=True)
        self.carried = (size, width, len(SIDES) * (width + 1))
        """What a chat carries on: the memory, the vector of its last turn, normalised, and of each side their sum and number."""
        read_width = width + 16 + size + width
        self.mix = nn.Sequential(nn.Dropout(dropout), nn.Linear(read_width, width), nn.GELU(), nn.Dropout(dropout))
        self.heads = nn.ModuleDict({name: nn.Linear(width, k) for name, k in OUTPUTS.items() if name not in OWN})
        self.emotions = _own_layers(read_width, width, OUTPUTS["emotion"])
        self.suspicions = _own_layers(read_width, SUSPICION_WIDTH, OUTPUTS[SUSPICIONS])
        self.causes = _own_layers(len(SIDES) * width, CAUSE_WIDTH, OUTPUTS[CAUSE])

    def own(self, name: str) -> nn.Sequential:
        """The layers of an output of `OWN`."""
        layers = {"emotion": self.emotions, SUSPICIONS: self.suspicions, CAUSE: self.causes}
        return layers[name]

    def last(self, name: str) -> nn.Module:
        """The linear layer that gives an output."""
        return self.own(name)[-1] if name in OWN else self.heads[name]

    def forward(self, vectors: Tensor, roles: Tensor) -> tuple[Tensor, ...]:
        """(B, T, H) and (B, T) → one (B, T, k) a head, in the order of `OUTPUTS`."""
        read, said, _ = self.read(vectors, roles)
        return self.outputs(read, said)

    def read(self, vectors: Tensor, roles: Tensor, carried: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor]:
        """(B, T, H), (B, T) and what the chats carry on, (B, S) → what is read of each turn and of all up to it.

        Returns:
            (B, T, R): each turn, the memory and the turn before. (B, T, 2 H): the mean of what each side said so far.
            (B, T, S): what the chats carry on after each turn.
        """
        turn = torch.cat([self.norm(vectors), self.role(roles)], dim=-1)
        carried = vectors.new_zeros(len(vectors), sum(self.carried)) if carried is None else carried
        remembered, last, sums = carried.split(self.carried, dim=-1)
        memory, _ = self.memory(turn, remembered.unsqueeze(0))
        own = turn[..., : self.carried[1]]
        before = torch.cat([last.unsqueeze(1), own[:, :-1]], dim=1)
        said, sums = _said(own, (vectors != 0).any(-1), roles, sums)
        return torch.cat([turn, memory, before], dim=-1), said, torch.cat([memory, own, sums], dim=-1)

    def outputs(self, read: Tensor, said: Tensor) -> tuple[Tensor, ...]:
        """(B, T, R) and (B, T, 2 H) → one (B, T, k) a head, in the order of `OUTPUTS`."""
        mixed = self.mix(read)
        own = {name: self.own(name)(said if name == CAUSE else read) for name in OWN}
        return tuple(own[name] if name in OWN else self.heads[name](mixed) for name in OUTPUTS)


def _said(vectors: Tensor, there: Tensor, roles: Tensor, sums: Tensor) -> tuple[Tensor, Tensor]:
    """(B, T, H), (B, T) where anything was said, (B, T), sums (B, s) so far → means (B, T, 2 H), sums (B, T, s), side by side."""
    counted = torch.cat([vectors, torch.ones_like(vectors[..., :1])], dim=-1)
    of_side = torch.cat([counted * (there & (roles == side)).unsqueeze(-1) for side in SIDES], dim=-1)
    # One addition a turn, in their order: fed turn by turn the sums are the same to the bit.
    totals = torch.cat([sums.unsqueeze(1), of_side], dim=1).cumsum(1)[:, 1:]
    means = [side[..., :-1] / side[..., -1:].clamp(min=1) for side in totals.chunk(len(SIDES), dim=-1)]
    return torch.cat(means, dim=-1), totals


def _own_layers(read_width: int, width: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Dropout(OWN_DROPOUT),
        nn.Linear(read_width, width),
        nn.GELU(),
        nn.Dropout(OWN_DROPOUT),
        nn.Linear(width, outputs),
    )


class MoodNet(nn.Module):
    """Encoder and head together, for training."""

    def __init__(self, bert: BertModel, *, dialogue_size: int, dropout: float) -> None:
        super().__init__()
        self.unseen_share = 0.0
        """The share of a turn's tokens that training hides by chance (word dropout, Iyyer et al. 2015)."""
        self.encoder = TurnEncoder(bert)
        self.head = DialogueHead(bert.config.hidden_size, dialogue_size, dropout)

    def forward(self, texts: Sequence[Sequence[str]], roles: Tensor, tokenizer: Tokenizer) -> dict[str, Tensor]:
        """B lists of turn texts and (B, T) roles → logits (B, T, k) by head; '' is a turn without text."""
        return dict(zip(OUTPUTS, self.head(self.vectors(texts, roles, tokenizer), roles), strict=True))

    def vectors(self, texts: Sequence[Sequence[str]], roles: Tensor, tokenizer: Tokenizer) -> Tensor:
        """B lists of turn texts and (B, T) roles → (B, T, H), zero where there is no turn."""
        different = list(dict.fromkeys(text for turns in texts for text in turns))
        vector_of = {text: number for number, text in enumerate(different)}
        vectors = self.encode(different, tokenizer)
        grid = vectors.new_zeros(*roles.shape, vectors.shape[-1])
        for row, turns in enumerate(texts):
            grid[row, : len(turns)] = vectors[[vector_of[text] for text in turns]]
        return grid.float()

    def encode(self, texts: Sequence[str], tokenizer: Tokenizer) -> Tensor:
        """N texts → (N, H) in the same order, batched by length; the vector of '' is zero.

        In bfloat16 while training, and where the caller asks for it by `torch.autocast`.
        """
        half = self.training or torch.is_autocast_enabled("cpu")
        order = sorted((i for i, text in enumerate(texts) if text), key=lambda i: len(texts[i]))
        out = torch.zeros(len(texts), self.encoder.bert.config.hidden_size)
        chunks = [order[i : i + 32] for i in range(0, len(order), 32)]
        parts = []
        for chunk in chunks:
            ids, mask = pad([e.ids for e in tokenizer.encode_batch([texts[i] for i in chunk])])
            mask = some_unseen(mask, self.unseen_share) if self.training else mask
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
                parts.append(self.encoder(ids, mask).float())
        if parts:
            out = out.index_copy(0, torch.tensor([i for chunk in chunks for i in chunk]), torch.cat(parts))
        return out


def some_unseen(mask: Tensor, share: float) -> Tensor:
    """An (N, L) mask without a share of the tokens by chance; the marks at both ends stay, and so does a turn's last piece."""
    within = mask.bool()
    within[:, 0] = False
    within[torch.arange(len(mask)), mask.sum(1) - 1] = False
    unseen = (torch.rand(mask.shape) < share) & within
    unseen[unseen.sum(1) == within.sum(1)] = False
    return mask * ~unseen


def load_net(path: Path, dropout: float = 0.0) -> MoodNet:
    """A trained network from its weights (`mood.pt`); their shapes tell its sizes."""
    state = torch.load(path)
    own = "encoder.bert."
    encoder = {name.removeprefix(own): tensor for name, tensor in state.items() if name.startswith(own)}
    queries = state.get(QUERIES)  # one a head of attention
    bert = bert_of(encoder, heads=None if queries is None else len(queries), dropout=dropout)
    net = MoodNet(bert, dialogue_size=state["head.memory.weight_hh_l0"].shape[1], dropout=dropout)
    load_weights(net, state)
    return net.eval()


def load_weights(net: MoodNet, state: Mapping[str, Tensor]) -> None:
    """Fill a network from weights. Those of before ask for nothing (no queries), or leave the causes' own layers as they begin.

    Raises:
        RuntimeError: a weight is missing or has another shape.
    """
    shared = {f"head.heads.{CAUSE}.{end}" for end in ("weight", "bias")}
    causes = {name: value for name, value in net.state_dict().items() if name.startswith("head.causes.")}
    untrained = causes if shared <= state.keys() else {}
    queries = {QUERIES: torch.zeros_like(net.encoder.queries)}
    known = {name: value for name, value in state.items() if name not in shared}
    net.load_state_dict({**queries, **untrained, **known})


def pad(ids: Sequence[Sequence[int]], pad_id: int = 1) -> tuple[Tensor, Tensor]:
    """Ragged token ids → (N, L) ids and mask."""
    length = max(len(row) for row in ids)
    padded = torch.full((len(ids), length), pad_id, dtype=torch.long)
    mask = torch.zeros(len(ids), length, dtype=torch.long)
    for i, row in enumerate(ids):
        padded[i, : len(row)] = torch.tensor(row)
        mask[i, : len(row)] = 1
    return padded, mask
