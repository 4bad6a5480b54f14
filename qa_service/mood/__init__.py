"""Stage 4: turns → moods and tones → the curve of a conversation. Serves ONNX files; needs no torch."""

from qa_service.mood.manifest import read_manifest
from qa_service.mood.model import OnnxMoodModel, load_mood_model

__all__ = ["OnnxMoodModel", "load_mood_model", "read_manifest"]
