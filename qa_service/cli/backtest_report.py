"""A backtest as `qa-service rules backtest` prints it: plain lines, ids never cut."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from qa_service.cli.terminal import id_column, stderr, stdout
from qa_service.domain.backtest import BacktestReport, HitExample, RuleDifference, RuleSide
from qa_service.domain.precision import Precision


def print_report(report: BacktestReport) -> None:
    """What was read, rules, hits, agents, and what speaks against publishing."""
    earlier = f", and {report.reviewed_earlier} reviewed ones from before" if report.reviewed_earlier else ""
    _line(f"backtest {report.id}: {report.conversations} conversations since {report.since:%Y-%m-%d}{earlier}")
    if report.unread:
        stderr.print(f"{report.unread} without a result were left out", highlight=False)
    stdout.print(_rules(report))
    for rule in report.rules:
        _print_changes(rule)
        for kind, examples in (("new", rule.new_examples), ("lost", rule.lost_examples)):
            for hit in examples:
                _line(f"  {kind} {rule.rule_id} {_place(hit)} {hit.state}")
    for agent in report.agents:
        if agent.changed:
            change = f"{agent.mean_before} → {agent.mean_after}"
            of_shop = f" of {agent.shop}" if agent.shop else ""
            _line(f"agent {agent.agent_id}{of_shop}: {change} ({agent.changed} of {agent.conversations} change)")
    both = f"{shown(report.precision_before)} → {shown(report.precision_after)}"
    _line(f"precision on reviewed hits: {both}{', drops' if report.drops_overall else ''}")
    if report.dropping:
        _line(f"clearly less often confirmed: {', '.join(report.dropping)}")
    if not report.precision_before.reviews:
        _line("no reviewed hit was read: nothing here says how right the packs are")


def shown(found: Precision) -> str:
    """A share with its interval and the number of reviews."""
    return "–" if found.share is None else f"{found.share:.3f} [{found.low:.3f}, {found.high:.3f}] n={found.reviews}"


def _rules(report: BacktestReport) -> Table:
    table = Table(id_column("rule"), "before", "after", "new", "lost", "lost confirmed", "precision before", "after")
    for rule in report.rules:
        if rule.new or rule.lost:
            figures = (rule.before, rule.after, rule.new, rule.lost, rule.lost_confirmed)
            precisions = (shown(rule.precision_before), shown(rule.precision_after))
            table.add_row(Text(rule.rule_id), *(str(figure) for figure in figures), *precisions)
    return table


def _print_changes(rule: RuleDifference) -> None:
    """What moves scores without a hit coming or going, and what `publish` refuses."""
    if rule.rule_before != rule.rule_after:
        _line(f"  {rule.rule_id}: {_side(rule.rule_before)} → {_side(rule.rule_after)}")
    if rule.ends_demotion:
        _line(f"  {rule.rule_id}: its demotion ends with the new version, and its hits count again")
    if rule.is_unversioned:
        _line(f"  {rule.rule_id}: asks for something else under the same version; give it the next one")


def _side(side: RuleSide | None) -> str:
    if side is None:
        return "none"
    return f"v{side.version} {side.status}{' (demoted)' if side.is_demoted else ''}"


def _place(hit: HitExample) -> str:
    span = f"turn {hit.turn_id} [{hit.start}, {hit.end})" if hit.turn_id else "absence"
    return f"{hit.external_id} {hit.conversation_id} {span}"


def _line(text: str) -> None:
    stdout.print(text, highlight=False, markup=False, soft_wrap=True)
