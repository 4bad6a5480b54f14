"""Stage 7: scorecards and verdicts to agent performance, trends and files. Means always with their sample size."""

from qa_service.reports.files import PerformanceReport, write_csv, write_json, write_xlsx
from qa_service.reports.overview import DayTrend, ShopOverview, shop_overview
from qa_service.reports.performance import agent_performance
from qa_service.reports.period import Period, parse_period
from qa_service.reports.signature import sign, sign_with_key, signature_headers

__all__ = [
    "DayTrend",
    "PerformanceReport",
    "Period",
    "ShopOverview",
    "agent_performance",
    "parse_period",
    "shop_overview",
    "sign",
    "sign_with_key",
    "signature_headers",
    "write_csv",
    "write_json",
    "write_xlsx",
]
