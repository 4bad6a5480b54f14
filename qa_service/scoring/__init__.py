"""Stage 5: findings, moods and reply times through a rubric to scorecards. Arithmetic only, exact decimals."""

from qa_service.scoring.load import load_rubric
from qa_service.scoring.own_points import misplaced
from qa_service.scoring.rubric import Rubric
from qa_service.scoring.scorer import RubricScorer
from qa_service.scoring.service_meter import ReplyMeter

__all__ = ["ReplyMeter", "Rubric", "RubricScorer", "load_rubric", "misplaced"]
