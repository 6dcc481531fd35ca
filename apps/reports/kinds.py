"""The documents of the report centre: what each checks and how it is made. A new one is one more entry."""

from collections.abc import Iterator
from dataclasses import replace

from apps.accounts.models import Contact
from apps.campaigns.models import Campaign
from apps.core.downloads import XLSX
from apps.core.errors import InvalidInput
from apps.core.xlsx import ListValue, workbook_bytes, write_table
from apps.evaluations.completion_summary import build_workbook
from apps.evaluations.facts import summary_of
from apps.evaluations.models import AnnualEvaluation
from apps.evaluations.summarising import check_scope, check_summary, summarise
from apps.jurisdictions.models import Jurisdiction
from apps.recognitions.listing import RECOGNISED_COLUMNS, recognised_cells, recognised_until
from apps.reports import score_sheets
from apps.reports.models import ExportJob
from apps.reports.registry import Document, Kind, Tell, register

_ROWS_AT_ONCE = 200


def register_kinds() -> None:
    """Make every kind known; once, in ``AppConfig.ready``."""
    register(Kind("completion_summary", "附件2 完成情况汇总表", XLSX, check_summary, _completion_summary))
    register(Kind("frozen_summary", "附件2（年度总结评估报告提交时的数据）", XLSX, _check_frozen, _frozen_summary))
    register(Kind("recognised_list", "绿色社区认定名单", XLSX, check_scope, _recognised_list))
    for kind in score_sheets.kinds():
        register(kind)


def _completion_summary(job: ExportJob, tell: Tell) -> Document:
    summary = summarise(job.campaign, job.jurisdiction, job.year)
    summary = replace(summary, contact=summary.contact or _contact(job))
    content = workbook_bytes(build_workbook(summary, on_row=tell))
    return Document(content, f"{job.jurisdiction.name}{job.year}年绿色社区建设任务完成情况汇总表.xlsx")


def _check_frozen(campaign: Campaign, jurisdiction: Jurisdiction, year: int) -> None:
    """Raise InvalidInput unless the unit has submitted its evaluation of the year."""
    check_summary(campaign, jurisdiction, year)
    _submitted(campaign, jurisdiction, year)


def _submitted(campaign: Campaign, jurisdiction: Jurisdiction, year: int) -> AnnualEvaluation:
    found = AnnualEvaluation.objects.with_context().of(campaign, jurisdiction, year).first()
    if found is not None and found.is_returned:
        raise InvalidInput(f"{jurisdiction} {year} 年度总结评估报告已退回，重新提交以后才有固定的数据。")
    if found is None or found.is_editable:
        raise InvalidInput(
            f"{jurisdiction}还没有提交 {year} 年度总结评估报告，没有固定的数据。可以选“附件2 完成情况汇总表”，按现在的数据生成。"
        )
    return found


def _frozen_summary(job: ExportJob, tell: Tell) -> Document:
    evaluation = _submitted(job.campaign, job.jurisdiction, job.year)
    summary = summary_of(evaluation, evaluation.facts)
    content = workbook_bytes(build_workbook(summary, on_row=tell))
    name = f"{job.jurisdiction.name}{job.year}年绿色社区建设任务完成情况汇总表（{summary.filled_on}提交）.xlsx"
    return Document(content, name)


def _contact(job: ExportJob) -> str | None:
    """联系人及联系电话 of a unit that names none in its profile: who asked, where they belong to it and have a phone [reading]."""
    known = Contact.objects.filter(user=job.created_by_id, user__jurisdiction=job.jurisdiction_id).exclude(
        office_phone=""
    )
    found = known.values_list("user__display_name", "office_phone").first()
    return " ".join(found) if found else None


def _recognised_list(job: ExportJob, tell: Tell) -> Document:
    title = f"{job.jurisdiction.name}绿色社区认定名单（截至{job.year}年）"
    return Document(write_table(title, RECOGNISED_COLUMNS, _recognised_rows(job, tell)), f"{title}.xlsx")


def _recognised_rows(job: ExportJob, tell: Tell) -> Iterator[list[ListValue]]:
    rows = recognised_until(job.year, job.jurisdiction.path, job.campaign)
    keys = list(rows.values_list("pk", flat=True))
    for done in range(0, len(keys), _ROWS_AT_ONCE):
        tell(done, len(keys))
        portion = keys[done : done + _ROWS_AT_ONCE]
        found = {one.pk: one for one in rows.filter(pk__in=portion)}
        yield from recognised_cells([found[key] for key in portion if key in found])
