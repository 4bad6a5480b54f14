"""Where things go in the drawings: mood curve, score and day charts. Coordinates only; templates draw them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qa_service.domain.conversation import Conversation, Role, Turn, TurnId
from qa_service.domain.mood import ConversationMood, Emotion, MoodStatus, TurnMood, TurnTone

COLD_BELOW = 0.4
WARM_FROM = 0.75
"""Tones are drawn in three steps: 0.25 is curt, 0.5 correct but flat, 0.75 polite (labelling guide of the mood model)."""

MOOD_WIDTH = 960
"""Of the usual mood drawing; longer chats get 30 units a turn."""

LABEL_GAP = 54
"""Two emotion words closer than this (in drawing units) would overlap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A drawing area: x from `left` to `right`, y from `top` (the highest value) to `bottom`."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int

    def x(self, index: int, count: int) -> float:
        """The place of the item `index` of `count`, in the middle of its share of the width."""
        return round(self.left + (self.right - self.left) * (index + 0.5) / max(count, 1), 1)

    def y(self, value: float, low: float, high: float) -> float:
        """The height of a value between `low` and `high`; values beyond are drawn on the edge."""
        inside = min(max(value, low), high)
        return round(self.bottom - (self.bottom - self.top) * (inside - low) / (high - low), 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class MoodPoint:
    """A customer turn. `polarity` None: the mood is not known, for `reason`; the point stands on the zero line, hollow."""

    turn_id: str
    x: float
    y: float
    polarity: float | None
    emotion: str | None
    reason: str | None
    is_labelled: bool

    @property
    def label_y(self) -> float:
        """Below low points, above high ones, so that the word stays off the curve."""
        return round(self.y + 20 if (self.polarity or 0) < 0 else self.y - 12, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToneTick:
    """An agent turn at the foot of the curve; `step` is cold, plain, warm or unknown."""

    turn_id: str
    x: float
    tone: float | None
    step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MoodCurve:
    """The curve of a conversation. `lines` are runs of known points as SVG point lists; the curve breaks at gaps."""

    plot: Plot
    zero_y: float
    points: tuple[MoodPoint, ...]
    lines: tuple[str, ...]
    ticks: tuple[ToneTick, ...]
    is_long: bool


def mood_curve(conversation: Conversation, mood: ConversationMood) -> MoodCurve | None:
    """The drawing; None where no mood is known. Long conversations get a wide drawing that scrolls."""
    if mood.status is not MoodStatus.COMPLETE:
        return None
    count = len(conversation.turns)
    width = max(MOOD_WIDTH, count * 30)
    plot = Plot(width=width, height=236, left=44, right=width - 10, top=24, bottom=176)
    moods = {turn_mood.turn_id: turn_mood for turn_mood in mood.turns}
    tones = {tone.turn_id: tone for tone in mood.tones}
    points = _points(conversation.turns, moods, plot)
    return MoodCurve(
        plot=plot,
        zero_y=plot.y(0, -1, 1),
        points=points,
        lines=_runs(points),
        ticks=tuple(
            _tick(turn, tones.get(turn.id), plot.x(index, count))
            for index, turn in enumerate(conversation.turns)
            if turn.role is Role.AGENT
        ),
        is_long=width > MOOD_WIDTH,
    )


def _points(turns: Sequence[Turn], moods: Mapping[TurnId, TurnMood], plot: Plot) -> tuple[MoodPoint, ...]:
    points: list[MoodPoint] = []
    labelled_to = -float(LABEL_GAP)
    for index, turn in enumerate(turns):
        mood = moods.get(turn.id)
        if turn.role is not Role.CUSTOMER or mood is None or mood.status is MoodStatus.NOT_APPLICABLE:
            continue
        x = plot.x(index, len(turns))
        speaks = mood.emotion not in (None, Emotion.NEUTRAL) and x - labelled_to >= LABEL_GAP
        labelled_to = x if speaks else labelled_to
        points.append(
            MoodPoint(
                turn_id=turn.id,
                x=x,
                y=plot.y(mood.polarity or 0.0, -1, 1),
                polarity=mood.polarity,
                emotion=mood.emotion,
                reason=mood.reason,
                is_labelled=speaks,
            )
        )
    return tuple(points)


def _runs(points: Sequence[MoodPoint]) -> tuple[str, ...]:
    runs: list[list[str]] = [[]]
    for point in points:
        if point.polarity is None:
            runs.append([])
        else:
            runs[-1].append(f"{point.x},{point.y}")
    return tuple(" ".join(run) for run in runs if len(run) > 1)


def _tick(turn: Turn, tone: TurnTone | None, x: float) -> ToneTick:
    value = tone.tone if tone else None
    return ToneTick(turn_id=turn.id, x=x, tone=value, step=_step(value))


def _step(tone: float | None) -> str:
    if tone is None:
        return "unknown"
    if tone < COLD_BELOW:
        return "cold"
    return "warm" if tone >= WARM_FROM else "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartPoint:
    """An item of a chart; without a value it takes room and shows nothing. `link` is an address or None."""

    label: str
    value: float | None
    shown: str
    link: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A drawn item: `x`, `y` of its value and the width of its share."""

    point: ChartPoint
    x: float
    y: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Marks between `low` and `high`, grid lines as (y, text), names of some items as (x, text)."""

    plot: Plot
    marks: tuple[Mark, ...]
    line: str
    grid: tuple[tuple[float, str], ...]
    names: tuple[tuple[float, str], ...]


def chart(points: Sequence[ChartPoint], *, low: float, high: float, unit: str = "", height: int = 170) -> Chart:
    """A chart of items in order; the ends and up to four more are named."""
    plot = Plot(width=560, height=height, left=40, right=552, top=14, bottom=height - 26)
    count = len(points)
    width = round(min((plot.right - plot.left) / max(count, 1) * 0.62, 28), 1)
    marks = tuple(
        Mark(point=point, x=plot.x(index, count), y=plot.y(point.value, low, high), width=width)
        for index, point in enumerate(points)
        if point.value is not None
    )
    step = max(1, -(-count // 6))
    return Chart(
        plot=plot,
        marks=marks,
        line=" ".join(f"{mark.x},{mark.y}" for mark in marks),
        grid=tuple((plot.y(value, low, high), f"{value:g}{unit}") for value in (low, (low + high) / 2, high)),
        names=tuple((plot.x(index, count), points[index].label) for index in range(0, count, step)),
    )


def rounded_up(value: float) -> float:
    """The end of an axis: the next of 2, 4, 10, 20, 40, 100, … that is not less."""
    size = 1.0
    while True:
        for factor in (2, 4, 10):
            if value <= factor * size:
                return factor * size
        size *= 10
