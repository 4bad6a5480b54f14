"""Finds personal data by rule, checks it where it can be checked, and masks it in its own length."""

from qa_service.normalise.personal_data.find import find_personal_data
from qa_service.normalise.personal_data.mask import mask_text
from qa_service.normalise.personal_data.masker import PersonalDataMasker

__all__ = ["PersonalDataMasker", "find_personal_data", "mask_text"]
