"""What stands between a self-assessment and its submission: what the standard asks for, and what is unusual and wants a word."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from apps.assessments.answers import answer_of
from apps.assessments.comparison import used_elsewhere
from apps.assessments.models import CriterionResult, ReviewAction
from apps.assessments.steps import without_recalled
from apps.assessments.worksheet import Card, Worksheet
from apps.core.errors import InvalidInput
from apps.core.rounding import plain
from apps.standards.models import Criterion
from apps.standards.scoring import Verdict as Scored

Kind = ReviewAction.Kind
Verdict = CriterionResult.Verdict

LONGEST_EXPLANATION = 1000
# So many of one thing a clerk does not count by hand.
_MANY = 100
_USES_NAMED = 3


@dataclass(frozen=True)
class Block:
    """What has to be done before it can be submitted, with the places; ``refusal`` says it in a sentence."""

    title: str
    way_out: str
    cards: list[Card]
    refusal: str


@dataclass(frozen=True)
class Finding:
    """What is unusual, in plain words, with the places that it is about (none: the whole)."""

    text: str
    cards: list[Card] = field(default_factory=list)


@dataclass(frozen=True)
class Change:
    """A criterion that was changed since the last submission: what stood ``before`` and stands ``now``, files added."""

    card: Card
    before: str
    now: str
    files: int


@dataclass(frozen=True)
class Line:
    """One section in figures."""

    title: str
    number: int
    criteria: int
    answered: int
    points: Decimal
    full_points: Decimal
    not_met: int
    evidence: int


@dataclass(frozen=True)
class Summary:
    """What will be submitted. ``is_again``: it was submitted before, ``changes`` are those since."""

    lines: list[Line]
    blocks: list[Block]
    findings: list[Finding]
    changes: list[Change]
    is_again: bool


def summary_of(sheet: Worksheet) -> Summary:
    """Summarise a self-assessment before it is submitted; one query beside those of the worksheet."""
    submitted = last_submission(sheet)
    lines = [
        Line(
            part.section.title,
            part.section.number,
            len(part.cards),
            part.answered,
            part.points,
            part.full_points,
            sum(card.is_not_met for card in part.cards),
            sum(len(card.evidence) for card in part.cards),
        )
        for part in sheet.parts
    ]
    changes = _changes(sheet, submitted) if submitted is not None else []
    blocks = blocks_of(sheet)
    findings = [] if blocks else findings_of(sheet)
    return Summary(lines, blocks, findings, changes, submitted is not None)


def check_submission(sheet: Worksheet, explanation: str | None) -> str:
    """Return the comment to submit with; InvalidInput where something is missing, or unusual and not explained.

    ``explanation`` None: nobody was asked for one.
    """
    if blocks := blocks_of(sheet):
        raise InvalidInput("".join(block.refusal for block in blocks))
    text = (explanation or "").strip()
    if len(text) > LONGEST_EXPLANATION:
        raise InvalidInput(f"说明有 {len(text)} 字，请压缩到 {LONGEST_EXPLANATION} 字以内。")
    if explanation is not None and not text and (findings := findings_of(sheet)):
        raise InvalidInput(f"有 {len(findings)} 处需要说明：{findings[0].text}请填写说明后再提交。")
    return text


def blocks_of(sheet: Worksheet) -> list[Block]:
    """What the standard asks for and is missing, and what nobody has confirmed."""
    blank, lacking, unconfirmed = sheet.unanswered, sheet.lacking_evidence, sheet.unconfirmed
    found = [
        Block(
            f"还有 {len(blank)} 条没有填",
            "填完后才能提交",
            blank,
            f"还有 {len(blank)} 条没有填：第 {_listed(blank)} 条。填完后再提交。",
        ),
        Block(
            f"{len(lacking)} 条缺必需的佐证材料", "附上后才能提交", lacking, f"第 {_listed(lacking)} 条须附佐证材料。"
        ),
        Block(
            f"{len(unconfirmed)} 条已预填、尚未核对",
            "核对后才能提交",
            unconfirmed,
            f"第 {_listed(unconfirmed)} 条已预填，尚未核对。请逐条核对后再提交。",
        ),
    ]
    return [block for block in found if block.cards]


def findings_of(sheet: Worksheet) -> list[Finding]:
    """What a reviewer would ask about; for a complete self-assessment, in one or two queries."""
    return [*_short(sheet), *_unproven(sheet), *_numerous(sheet), *_reused(sheet), *_unchanged(sheet)]


def _short(sheet: Worksheet) -> Iterator[Finding]:
    if sheet.meets_standard:
        return
    if sheet.missing_points:
        points, mark = plain(sheet.standing.points_so_far), plain(sheet.spec.pass_mark or 0)
        text = f"得分 {points} 分，达标须 {mark} 分（还差 {plain(sheet.missing_points)} 分），自评未达到创建要求。"
        yield Finding(text, [one.card for one in sheet.needed_steps])
    if sheet.failed:
        yield Finding("有条目不符合，自评未达到创建要求。", sheet.failed)


def _unproven(sheet: Worksheet) -> Iterator[Finding]:
    """Nothing lost and nothing to show for it: everywhere, or where the documents are what is checked."""
    perfect = [card for card in sheet.cards if _is_perfect(card)]
    if len(perfect) == len(sheet.cards) and not any(card.has_evidence for card in sheet.cards):
        what = "每一条都是满分" if sheet.is_scored else "每一条都符合"
        yield Finding(f"{what}，却没有附任何佐证材料。")
        return
    by_documents = Criterion.CheckMethod.DOCUMENTS
    bare = [card for card in perfect if by_documents in card.criterion.check_methods and not card.has_evidence]
    if bare:
        yield Finding("按资料核查、没有扣分的条目，没有附佐证材料。", bare)


def _is_perfect(card: Card) -> bool:
    if card.spec.by_verdict:
        return card.score is not None and card.score.verdict == Scored.MET
    return card.spec.is_bonus or (card.points == card.spec.points and card.score is not None and not card.score.verdict)


def _numerous(sheet: Worksheet) -> Iterator[Finding]:
    """More of one thing than is counted by hand."""
    results = [(card, card.result) for card in sheet.cards if card.result is not None]
    entered = [(card, one) for card, row in results for one in answer_of(row).deductions or ()]
    if cards := _distinct(card for card, one in entered if (one.count or 0) >= _MANY):
        yield Finding(f"数量填了 {_MANY} 以上。", cards)


def _reused(sheet: Worksheet) -> Iterator[Finding]:
    """Files that stand for another community too, as far as one may see."""
    files = {one.sha256: card for card in sheet.cards for one in card.evidence}
    uses = used_elsewhere(one for card in sheet.cards for one in card.evidence)
    if not uses:
        return
    named = list(dict.fromkeys(str(use) for found in uses.values() for use in found))
    more = " 等" if len(named) > _USES_NAMED else ""
    yield Finding(
        f"佐证材料也用于其他社区：{'、'.join(named[:_USES_NAMED])}{more}。", _distinct(files[one] for one in uses)
    )


def _unchanged(sheet: Worksheet) -> Iterator[Finding]:
    """Criteria that were sent back and stand as they stood."""
    submitted, returned = last_submission(sheet), sheet.returned
    if submitted is None or returned is None:
        return
    changed = {change.card.number for change in _changes(sheet, submitted)}
    singly = [card for card in sheet.cards if card.reason]
    left = [card for card in singly if card.number not in changed]
    if left:
        yield Finding("退回的条目没有修改，也没有补充材料。", left)
    elif not singly and not changed:
        yield Finding("退回后没有修改任何条目，也没有补充材料。")


def last_change(cards: Collection[Card]) -> datetime | None:
    """When a result of theirs was last saved, or a file last added."""
    saved = [card.result.updated_at for card in cards if card.result is not None]
    return max([*saved, *(one.uploaded_at for card in cards for one in card.evidence)], default=None)


def changed_since(sheet: Worksheet, seen_at: datetime | None) -> list[Card]:
    """The criteria changed after what a summary showed; None: it did not say what that was."""
    if seen_at is None:
        return []
    return [card for card in sheet.cards if (at := last_change([card])) is not None and at > seen_at]


def last_submission(sheet: Worksheet) -> ReviewAction | None:
    """The last submission that was not recalled."""
    standing = without_recalled(sheet.actions)
    return next((one for one in reversed(standing) if one.kind == Kind.SUBMIT), None)


def _changes(sheet: Worksheet, submitted: ReviewAction) -> list[Change]:
    found = []
    for card in sheet.cards:
        before, row = submitted.results.get(str(card.number)), card.result
        files = sum(one.uploaded_at > submitted.at for one in card.evidence)
        now = _as_kept(row) if row is not None else None
        if now != (before and {name: before[name] for name in ("verdict", "deductions", "note")}) or files:
            found.append(Change(card, _brief(before), _brief(_kept_points(row)), files))
    return found


def _as_kept(row: CriterionResult) -> dict[str, Any]:
    return {"verdict": row.verdict, "deductions": row.deductions, "note": row.note}


def _kept_points(row: CriterionResult | None) -> Mapping[str, Any] | None:
    return None if row is None else {"verdict": row.verdict, "points": row.points}


def _brief(kept: Mapping[str, Any] | None) -> str:
    """A result as a table has it: ``4 分``, ``符合``."""
    if kept is None:
        return "未填"
    if kept["verdict"] != Verdict.SCORED:
        return str(Verdict(kept["verdict"]).label)
    return f"{plain(Decimal(str(kept['points'])))} 分"


def _listed(cards: list[Card]) -> str:
    return "、".join(str(card.number) for card in cards)


def _distinct(cards: Iterator[Card]) -> list[Card]:
    return list({card.number: card for card in cards}.values())
