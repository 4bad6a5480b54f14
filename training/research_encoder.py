"""The recipe for comparison with papers: the served encoder goes on over the sets that are for research only.

python -m training.research_encoder --data FOLDER [--out build/research]
python -m training.published.fine_tuned --data FOLDER --start build/research [--write]

Never shipped: the licences of these sets do not let it be.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
import yaml
from tokenizers import Tokenizer

from training.published.figures import MODEL
from training.research_data import read_research_tasks
from training.served_weights import load_served
from training.train_mood import CONFIG, NET_FILE, TOKENIZER_FILE, train_on_tasks


def main() -> None:
    """Train and save a folder that `--start` takes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("build/research"))
    args = parser.parse_args()
    config = yaml.safe_load(CONFIG.read_text())
    torch.manual_seed(config["seed"])
    net, tokenizer = load_served(MODEL, dropout=config["dropout"]), Tokenizer.from_file(str(MODEL / TOKENIZER_FILE))
    options = config["research"]
    tasks = read_research_tasks(args.data, most_rows=options["most_rows"], seed=config["seed"])
    print({task.name: len(task.rows) for task in tasks}, flush=True)
    train_on_tasks(net.encoder, tokenizer, tasks, options, config["seed"])
    args.out.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(args.out / TOKENIZER_FILE))
    torch.save(net.state_dict(), args.out / NET_FILE)


if __name__ == "__main__":
    main()
