"""What public notices say of recognising a single assessment, and what ends with a recognition."""

from apps.accounts.permissions import Actor
from apps.assessments.models import Assessment
from apps.campaigns.models import Recognition
from apps.campaigns.notice_rules import notice_days_of
from apps.core import clock
from apps.recognitions.entries import is_over, live_lines_of, period_on
from apps.recognitions.models import DemonstrationBase, PublicNotice
from apps.recognitions.standing_objections import standing_objections, why_barred


class NoticesAndBases:
    """Registered with ``assessments.recognition``."""

    def stand_against(self, assessment: Assessment) -> str:
        """A notice that runs stands against it, and an objection on whatever notice.

        Where the campaign asks for a notice, its absence does too.
        """
        line = live_lines_of([assessment]).get(assessment.pk)
        community, days = assessment.participation.community, notice_days_of(assessment.participation.campaign)
        if line is not None and (line.is_sustained or line.open_objections):
            return f"{community}在“{line.entry.notice.title}”中：{line.left_out}"
        if reason := why_barred(standing_objections([assessment]).get(assessment.pk, [])):
            return f"{community}还不能认定：{reason}"
        if line is None or line.entry.notice.status == PublicNotice.Status.DRAFT:
            if not days:
                return ""
            draft = f"它在草稿“{line.entry.notice.title}”里，还没有发布。" if line else ""
            return (
                f"认定前须公示 {days} 个工作日，{community}还没有公示。{draft}"
                "请在“认定与公示”的拟认定名单中选入公示并发布，期满无异议后再认定。"
            )
        notice = line.entry.notice
        if not is_over(notice):
            return (
                f"{community}正在公示（“{notice.title}”），公示期至 {period_on(notice).last:%Y-%m-%d}。"
                "期满无异议后，在该公示页面一并作出认定。"
            )
        return ""

    def follow_revocation(self, recognition: Recognition, *, actor: Actor) -> None:
        """Demonstration bases end with the recognition that they rest on."""
        DemonstrationBase.objects.filter(recognition=recognition, ended_at__isnull=True).update(
            ended_at=clock.now(), end_reason=f"绿色社区已摘牌：{recognition.revocation_reason}"
        )


SURROUNDINGS = NoticesAndBases()
