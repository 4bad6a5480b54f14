"""What a network in training gets right on chats kept out: the emotion of customer turns, the suspicions of agent turns."""

from __future__ import annotations

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from tqdm import tqdm

from training.corpus_reader import EMOTIONS
from training.dialogues import IGNORED, Batch, Chats, make_batch
from training.evaluate import macro_f1
from training.model import CAUSE, OUTPUTS, SUSPICIONS, MoodNet

CHATS_AT_ONCE = 16


def emotion_macro_f1(net: MoodNet, tokenizer: Tokenizer, chats: Chats) -> float:
    """Over the customer turns with a known emotion."""
    logits, truth = labelled_logits(net, tokenizer, chats, "emotion")
    return macro_f1(truth.tolist(), logits.argmax(-1).tolist(), len(EMOTIONS))


def suspicion_micro_f1(net: MoodNet, tokenizer: Tokenizer, chats: Chats) -> float:
    """Called at 0.5, over all labels that are known."""
    logits, targets = labelled_logits(net, tokenizer, chats, SUSPICIONS)
    known = ~torch.isnan(targets)
    truth, called = targets[known] > 0, logits[known] >= 0
    return float(2 * (truth & called).sum() / (truth.sum() + called.sum()))


def causes_right(net: MoodNet, tokenizer: Tokenizer, chats: Chats) -> float:
    """The share of the chats with a known cause of which it is the likeliest."""
    logits, truth = labelled_logits(net, tokenizer, chats, CAUSE)
    return (logits.argmax(-1) == truth).float().mean().item()


@torch.no_grad()
def labelled_logits(
    net: MoodNet, tokenizer: Tokenizer, chats: Chats, head: str, known_vectors: dict[str, Tensor] | None = None
) -> tuple[Tensor, Tensor]:
    """(n, k) logits of a head over the n turns (chats, at their last turn) that have a label, and these as `Batch.targets` has.

    `known_vectors` saves encoding what another call has encoded, and takes what this one does.
    """
    logits, targets = [], []
    vectors = {} if known_vectors is None else known_vectors
    at_head = list(OUTPUTS).index(head)
    for at in range(0, len(chats), CHATS_AT_ONCE):
        batch = make_batch(chats[at : at + CHATS_AT_ONCE], rng=None, augment_share=0.0)
        truth = batch.targets[head]
        said = net.head(_vectors(net, tokenizer, batch, vectors), batch.roles)[at_head]
        logits.append(said[_labelled(batch, head)])
        targets.append(truth[_has_label(truth)])
    return torch.cat(logits), torch.cat(targets)


@torch.no_grad()
def what_is_read(net: MoodNet, tokenizer: Tokenizer, chats: Chats, head: str) -> tuple[Tensor, Tensor]:
    """(n, R) what was read of every turn (or chat) with a label of a head of `OWN`, and (n, k) the labels, NaN where unknown."""
    read, targets = [], []
    known_vectors: dict[str, Tensor] = {}
    for at in tqdm(range(0, len(chats), CHATS_AT_ONCE), desc="reading", mininterval=10):
        batch = make_batch(chats[at : at + CHATS_AT_ONCE], rng=None, augment_share=0.0)
        turns, said, _ = net.head.read(_vectors(net, tokenizer, batch, known_vectors), batch.roles)
        read.append((said if head == CAUSE else turns)[_labelled(batch, head)])
        targets.append(batch.targets[head][_has_label(batch.targets[head])])
    labels = torch.cat(targets)
    return torch.cat(read), labels if labels.ndim > 1 else nn.functional.one_hot(labels, OUTPUTS[head]).float()


def _labelled(batch: Batch, head: str) -> Tensor:
    """(B, T): the turns with a label of a head, the last turn of a chat that has one as a whole."""
    known = _has_label(batch.targets[head])
    if known.ndim > 1:
        return known
    at_last = torch.arange(batch.roles.shape[1]) == batch.lengths.unsqueeze(1) - 1
    return at_last & known.unsqueeze(1)


def _has_label(targets: Tensor) -> Tensor:
    """(B,) or (B, T) or (B, T, k) targets of a head → (B,) or (B, T)."""
    return ~torch.isnan(targets).all(-1) if targets.ndim > 2 else targets != IGNORED


def _vectors(net: MoodNet, tokenizer: Tokenizer, batch: Batch, known: dict[str, Tensor]) -> Tensor:
    """(B, T, H); a text that stands in many chats is encoded once, in half the time of float32."""
    new = list(dict.fromkeys(text for texts in batch.texts for text in texts if text not in known))
    if new:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            known.update(zip(new, net.encode(new, tokenizer), strict=True))
    rows = [torch.stack([known[text] for text in texts]) for texts in batch.texts]
    return nn.utils.rnn.pad_sequence(rows, batch_first=True)
