"""Runs compiled rules over a conversation. Owns outcomes and their order, not matching (`nodes`) or wording (`explain`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter

from qa_service.domain.conversation import AgentId, Conversation, Role
from qa_service.domain.finding import Finding, Outcome
from qa_service.domain.mood import AgentService, ConversationMood
from qa_service.domain.rule_explanation import RuleExplanation
from qa_service.domain.text import NormalisedConversation
from qa_service.errors import NotFound
from qa_service.rule_engine.answer import NO, Answer, Cue, Hit, Truth, not_applicable
from qa_service.rule_engine.blocks import Unit
from qa_service.rule_engine.doubt import or_doubted
from qa_service.rule_engine.explain import Evidence, agent_finding, turn_finding
from qa_service.rule_engine.graver import Allowed, held_back, without_repeats
from qa_service.rule_engine.guard import REACH, Scene, SpeechAct, suppressing_cue
from qa_service.rule_engine.live import LiveSession
from qa_service.rule_engine.nodes.base import Check
from qa_service.rule_engine.place import Place
from qa_service.rule_engine.plan import Plans
from qa_service.rule_engine.policies import Policies, Policy
from qa_service.rule_engine.prerequisites import levels
from qa_service.rule_engine.reading import ConversationReading, TurnReading
from qa_service.rule_engine.rule import Rule, RuleSet
from qa_service.rule_engine.rule_errors import rule_errors
from qa_service.rule_engine.run import Run
from qa_service.rule_engine.sentences import SentenceEncoder, Sentences
from qa_service.rule_engine.suspected import without_words
from qa_service.rule_engine.text_reading import Texts
from qa_service.rule_engine.why import explain_rule

_RULE_ID = attrgetter("rule_id")
_DEFAULT_REACH = REACH["en"]
# Outcomes kept for re-use; over this many agents and rules they are made afresh.
_MOST_QUIET = 100_000


class PackRuleEngine:
    """The `RuleEngine` of the workflows: packs and policies, and for similar sentences an encoder.

    Without an encoder, or where it fails, rules that need it are `unavailable`.

    Raises:
        ConfigError: a rule names a policy or a prerequisite that there is not, or a value where there is a permission
            (or the reverse), or rules require each other.
    """

    def __init__(self, ruleset: RuleSet, policies: Policies, *, encoder: SentenceEncoder | None = None) -> None:
        errors = rule_errors(ruleset.rules, policies)
        if errors:
            raise errors[0]
        self._ruleset = ruleset
        self._encoder = encoder
        self._by_id = {rule.id: rule for rule in ruleset.rules}
        self._texts = Texts(ruleset.scanner)
        self._sentences = Sentences(encoder, ruleset.cue_finders)
        self._rounds = tuple((rules, _plans(rules)) for rules in levels(ruleset.rules))
        self._exact_plans = Plans([rule for rule in ruleset.rules if not rule.is_deferred])
        self.policies = policies
        self._quiet: dict[tuple[str, AgentId | None, Truth, str | None], Finding] = {}
        self._quiet_by_agents: dict[tuple[str, tuple[AgentId, ...]], Mapping[str, Sequence[Finding]]] = {}
        self.rules_digest = ruleset.digest
        self.policy_digest = policies.digest

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All rules in order of id."""
        return self._ruleset.rules

    def with_policies(self, policies: Policies) -> PackRuleEngine:
        """The same rules under other policies."""
        return PackRuleEngine(self._ruleset, policies, encoder=self._encoder)

    def inspect(
        self, conversation: NormalisedConversation, mood: ConversationMood, agents: Sequence[AgentService]
    ) -> tuple[Finding, ...]:
        """All outcomes: hits and suppressed ones by turn, start and rule id, then those without a turn by rule id.

        A rule without a hit gives one `clear`, `not_applicable` or `unavailable` outcome an agent (or one with
        agent None, for rules that do not read agents and conversations without one).
        """
        return without_repeats(self.judged(conversation, mood, agents))

    def judged(
        self, conversation: NormalisedConversation, mood: ConversationMood, agents: Sequence[AgentService]
    ) -> tuple[Finding, ...]:
        """As `inspect`, with the hits that only repeat by the model what words alone tell, suppressed."""
        reading = self.read(conversation, mood, agents)
        run = Run(reading)
        rest: list[Finding] = []
        for rules, plans in self._rounds:
            for unit, units_plans in plans.items():
                _ask_turns(run, reading.merged if unit is Unit.MERGED else reading, units_plans)
            rest.extend(self._without_turn(run, rules))
        placed = held_back(run.placed(), self._by_id, run.allowed)
        rest.extend(self._without_hit(run, placed))
        return (*placed, *sorted(rest, key=_RULE_ID))

    def explain(
        self, rule_id: str, conversation: NormalisedConversation, mood: ConversationMood, agents: Sequence[AgentService]
    ) -> RuleExplanation:
        """Why a rule hits a conversation, and why not. Raises NotFound."""
        rule = self._by_id.get(rule_id)
        if rule is None:
            raise NotFound(f"there is no rule {rule_id}; `qa-service rules list` names them", field="rule_id")
        return explain_rule(rule, self.read(conversation, mood, agents), self.judged(conversation, mood, agents))

    def open(self, header: Conversation) -> LiveSession:
        """Follow a conversation turn by turn, from `header` without turns; what it says at the close is what `inspect` does."""
        return LiveSession(self, header)

    def read(
        self, conversation: NormalisedConversation, mood: ConversationMood, agents: Sequence[AgentService]
    ) -> ConversationReading:
        """What all rules share of a conversation."""
        return ConversationReading(
            conversation,
            mood,
            agents,
            texts=self._texts,
            policies=self.policies,
            cue_finders=self._ruleset.cue_finders,
            sentences=self._sentences,
        )

    def ask(self, reading: ConversationReading, turn: TurnReading) -> tuple[Finding, ...]:
        """What rules that are not deferred find in one turn, from it and those before, by start and rule id."""
        run = Run(reading)
        _ask_turn(run, reading, self._exact_plans, turn)
        return without_repeats(held_back(run.placed(), self._by_id, run.allowed))

    def may_be_doubted(self, findings: Sequence[Finding]) -> bool:
        """Whether the tone of their turn may change one of them, and with it what holds others back."""
        return any(self._by_id[finding.rule_id].may_be_doubted for finding in findings)

    def _without_hit(self, run: Run, placed: Sequence[Finding]) -> Iterator[Finding]:
        """The outcomes of rules whose every hit in an agent's turns is a graver rule's."""
        lost = run.turn_hits - {
            (finding.rule_id, finding.agent_id) for finding in placed if finding.outcome is Outcome.HIT
        }
        for rule_id in sorted({rule_id for rule_id, _ in lost}):
            for agent_id in _judged(self._by_id[rule_id], run.agents):
                if (rule_id, agent_id) in lost:
                    answer = run.unknown.get((rule_id, agent_id), NO)
                    yield self._outcome(self._by_id[rule_id], agent_id, answer, None)

    def _without_turn(self, run: Run, rules: Sequence[Rule]) -> list[Finding]:
        """The outcomes of a round that have no turn; those of rules about which nothing was noted are the same each time."""
        noted = {rule_id for rule_id, _ in (*run.hits, *run.unknown)}
        quiet = self._quiet_outcomes(run.reading.language, run.agents)
        found: list[Finding] = []
        for rule in rules:
            outcomes = quiet.get(rule.id) if rule.id not in noted else None
            if outcomes is None:
                outcomes = [run.note(finding) for finding in self._rest(run, rule)]
            found += outcomes
        return found

    def _quiet_outcomes(self, language: str, agents: tuple[AgentId, ...]) -> Mapping[str, Sequence[Finding]]:
        """The outcomes of every rule that looks at turns and found nothing, by its id.

        Of those that judge agents as a whole, the ones that do not read the language.
        """
        key = (language, agents)
        if key not in self._quiet_by_agents:
            if len(self._quiet_by_agents) * len(self.rules) >= _MOST_QUIET:
                self._quiet_by_agents.clear()
            self._quiet_by_agents[key] = {
                rule.id: self._nothing(rule, language, agents)
                for rule in self.rules
                if not rule.requires and (rule.check is None or language not in rule.languages)
            }
        return self._quiet_by_agents[key]

    def _nothing(self, rule: Rule, language: str, agents: tuple[AgentId, ...]) -> list[Finding]:
        answer = NO if language in rule.languages else not_applicable(f"language is {language}")
        return [self._outcome(rule, agent_id, answer, None) for agent_id in _judged(rule, agents)]

    def _rest(self, run: Run, rule: Rule) -> list[Finding]:
        """The outcomes of a rule that have no turn."""
        agents = _judged(rule, run.agents)
        if run.reading.language not in rule.languages:
            answer = not_applicable(f"language is {run.reading.language}")
            quiet = [agent_id for agent_id in agents if (rule.id, agent_id) not in run.hits]
            return [self._outcome(rule, agent_id, answer, None) for agent_id in quiet]
        if rule.check is not None:
            return self._checked(run, rule, rule.check)
        return [
            self._outcome(rule, agent_id, run.unmet(rule, agent_id) or run.unknown.get((rule.id, agent_id), NO), None)
            for agent_id in agents
            if (rule.id, agent_id) not in run.hits
        ]

    def _checked(self, run: Run, rule: Rule, check: Check) -> list[Finding]:
        policy, refusal = _permission(run.reading, rule, None)
        if not run.agents:
            return [self._outcome(rule, None, not_applicable("no_agent_turn"), None)]
        reading = run.reading.merged if rule.unit is Unit.MERGED else run.reading
        place = Place(reading, reading.turns[0], reading.language, rule.views, rule.exceptions)
        return [
            self._outcome(rule, judged.agent_id, refusal or run.unmet(rule, judged.agent_id) or judged.answer, policy)
            for judged in check.judge(place)
        ]

    def _outcome(self, rule: Rule, agent_id: AgentId | None, answer: Answer, policy: Policy | None) -> Finding:
        """An outcome without a turn; those that are no hits are the same in all conversations, and made once."""
        if answer.is_yes:
            return agent_finding(rule, agent_id, answer, policy)
        key = (rule.id, agent_id, answer.truth, answer.reason)
        if key not in self._quiet:
            if len(self._quiet) >= _MOST_QUIET:
                self._quiet.clear()
            self._quiet[key] = agent_finding(rule, agent_id, answer, None)
        return self._quiet[key]


def _judged(rule: Rule, agents: tuple[AgentId, ...]) -> tuple[AgentId | None, ...]:
    """For whom a rule has an outcome without a turn."""
    return agents if agents and Role.AGENT in rule.speakers else (None,)


def _plans(rules: Sequence[Rule]) -> dict[Unit, Plans]:
    """The plans of the units that rules read."""
    return {
        unit: Plans([rule for rule in rules if rule.unit is unit])
        for unit in Unit
        if any(rule.unit is unit for rule in rules)
    }


def _ask_turns(run: Run, reading: ConversationReading, plans: Plans) -> None:
    for turn in reading.turns:
        _ask_turn(run, reading, plans, turn)


def _ask_turn(run: Run, reading: ConversationReading, plans: Plans, turn: TurnReading) -> None:
    if not turn.is_inspectable:
        return
    for language in reading.languages(turn):
        plan = plans.get(language, reading.language, turn.role)
        for rule in plan.candidates(turn, reading.turns):
            if run.unmet(rule, turn.agent_id) is None:
                _ask(run, rule, Place(reading, turn, language, rule.views, rule.exceptions))


def _ask(run: Run, rule: Rule, place: Place) -> None:
    turn = place.turn
    answer = _answer(rule, place)
    if answer.truth is Truth.NO:
        return
    policy, refusal = _permission(place.conversation, rule, turn)
    if policy is not None and refusal is not None:
        run.allowed.extend(_allowed(rule, turn, answer, policy))
    answer = refusal or answer
    if not answer.is_yes:
        run.note_unknown(rule, turn.agent_id, answer)
        return
    hits = answer.hits or (without_words(place, answer),)
    for hit, cue in _merged([(hit, hit.cue or _cue(place, rule.guard, hit)) for hit in hits], turn):
        evidence = Evidence.of(turn, hit)
        finding = or_doubted(turn_finding(rule, evidence, hit, cue, policy), rule, place.conversation.tones)
        run.findings.append(((evidence.turn.index, evidence.span.start, rule.id), finding))
        if finding.outcome is Outcome.HIT:
            run.hits.add((rule.id, turn.agent_id))


def _allowed(rule: Rule, turn: TurnReading, answer: Answer, policy: Policy) -> Iterator[Allowed]:
    for evidence in (Evidence.of(turn, hit) for hit in answer.hits):
        turn_id = evidence.turn.turn.turn.id
        yield Allowed(turn_id=turn_id, category=rule.category, span=evidence.span, policy_key=policy.key)


def _answer(rule: Rule, place: Place) -> Answer:
    """What the rule's node says; of a text that is said again, what it said before."""
    if rule.node is None:
        return NO
    if not rule.is_textual:
        return rule.node.evaluate(place)
    known = place.turn.said.answers
    if rule.id not in known:
        known[rule.id] = rule.node.evaluate(place)
    return known[rule.id]


def _permission(
    reading: ConversationReading, rule: Rule, turn: TurnReading | None
) -> tuple[Policy | None, Answer | None]:
    """The ban that a rule rests on, or why the rule does not apply."""
    at = turn.sent if turn is not None else reading.conversation.time
    if not rule.effective.holds(at.date() if at is not None else None):
        return None, not_applicable("not in force at that time")
    if rule.forbidden_by is None:
        return None, None
    policy = reading.policies.get(rule.forbidden_by, at, reading.conversation)
    if policy is None:
        return None, not_applicable(f"no policy {rule.forbidden_by} is in force")
    return policy, not_applicable(f"allowed by {policy.key}") if policy.allowed else None


def _cue(place: Place, guard: frozenset[SpeechAct], hit: Hit) -> Cue | None:
    """What takes back the words of a hit; a hit that stands for a turn says nothing that could be taken back."""
    if not guard or hit.is_turn:
        return None
    scene = Scene(
        hit=hit,
        turn=place.turn,
        cues=place.cues(place.turn),
        reach=REACH.get(place.language, _DEFAULT_REACH),
        customer_texts=place.conversation.customer_texts,
    )
    return suppressing_cue(guard, scene)


def _merged(hits: Sequence[tuple[Hit, Cue | None]], turn: TurnReading) -> list[tuple[Hit, Cue | None]]:
    """Of overlapping hits one stays.

    What counts before what is suppressed, words before the turn, the literal before the hidden, the longest.
    """
    taken = bytearray(len(turn.original))
    kept: list[tuple[Hit, Cue | None]] = []
    for hit, cue in sorted(hits, key=_preference):
        span = hit.span
        if not any(taken[span.start : span.end]):
            taken[span.start : span.end] = b"\1" * (span.end - span.start)
            kept.append((hit, cue))
    return kept


def _preference(item: tuple[Hit, Cue | None]) -> tuple[bool, bool, int, int, int]:
    hit, cue = item
    return cue is not None, hit.is_turn, hit.view.rank, hit.span.start - hit.span.end, hit.span.start
