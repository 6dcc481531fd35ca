"""Pages of the consolidation of 附件2 that came by mail: upload, preview beside the system's figures, the decision."""

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.http import ActorRequest, members_only
from apps.accounts.permissions import require
from apps.campaigns.adopting import Adopted, adopt_recognitions, years_to_adopt
from apps.campaigns.current import campaigns_of, current_campaign
from apps.campaigns.last_level import recognises
from apps.campaigns.models import Campaign
from apps.consolidation.forms import AdoptionForm
from apps.consolidation.matching import Consolidation, State, consolidate
from apps.consolidation.reading import Form, read_form
from apps.consolidation.sheets import sign, unsign
from apps.core.errors import InvalidInput, TransitionError
from apps.core.inputs import ids_in, whole_number

MAX_FILES = 20
_CHOICE = "choice-"


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def consolidation(request: ActorRequest) -> HttpResponse:
    """Upload workbooks in the form of 附件2 and see how they agree with the system; nothing is written."""
    require(request.actor, "export_reports")
    campaign = current_campaign(request)
    if request.method != "POST":
        return _page(request, campaign)
    files = request.FILES.getlist("files")
    if campaign is None or not files:
        return _page(request, campaign, problem="请选择各地报送的附件2（xlsx），可以一次选多个。", status=422)
    try:
        done = consolidate(_read(files), campaign, actor=request.actor)
    except InvalidInput as error:
        return _page(request, campaign, problem=error.message, status=error.status)
    return _page(request, campaign, done)


@members_only
@require_POST
def consolidation_adopt(request: ActorRequest) -> HttpResponse:
    """Take over the recognitions that were chosen in the preview; sent a second time it changes nothing."""
    require(request.actor, "recognise_communities")
    form, campaign, done, status = AdoptionForm(request.POST), None, None, 422
    try:
        forms, campaign = _previewed(request)
        done = consolidate(forms, campaign, actor=request.actor, choices=_choices(request))
        if form.is_valid():
            return _adopted(request, _adopt(request, done, form))
    except (InvalidInput, TransitionError) as error:
        form.add_error(None, error.message)
        status = error.status
    if done is None:
        return _page(request, campaign, problem=str(form.non_field_errors()[0]), status=status)
    return _page(request, campaign, done, form=form, status=status)


def _read(files: list[UploadedFile]) -> list[Form]:
    if len(files) > MAX_FILES:
        raise InvalidInput(f"选了 {len(files)} 个文件，一次最多 {MAX_FILES} 个。请分几次上传。")
    return [read_form(file) for file in files]


def _previewed(request: ActorRequest) -> tuple[list[Form], Campaign]:
    forms, key = unsign(request.POST.get("rows", ""), actor=request.actor)
    campaign = next((one for one in campaigns_of(request) if one.pk == key), None)
    if campaign is None:
        raise InvalidInput("预览所用的创建行动已经看不到了，请重新上传。")
    return forms, campaign


def _choices(request: ActorRequest) -> dict[int, int]:
    """By the entry's index the community chosen for it."""
    found = {}
    for name, value in request.POST.items():
        index, chosen = whole_number(name.removeprefix(_CHOICE), digits=6), whole_number(str(value))
        if name.startswith(_CHOICE) and index is not None and chosen is not None:
            found[index] = chosen
    return found


def _adopt(request: ActorRequest, done: Consolidation, form: AdoptionForm) -> Adopted:
    wanted = set(ids_in(request.POST.getlist("take"))) | set(_choices(request))
    asked = [one for one in done.entries if one.index in wanted]
    if twice := next((one for one in asked if one.state == State.TWICE), None):
        raise InvalidInput(f"“{twice.name.written}”{twice.note}，请改选或不接收。")
    taken = [one for one in asked if one.state == State.FOUND]
    chosen = {one.community.pk: one.year for one in taken if one.community is not None}
    sources = "、".join(dict.fromkeys(one.file for one in taken))
    return adopt_recognitions(done.campaign, chosen, **form.cleaned_data, sources=sources, actor=request.actor)


def _adopted(request: ActorRequest, done: Adopted) -> HttpResponse:
    if done.adoption is None:
        messages.info(request, f"所选 {len(done.unchanged)} 个社区此前都已认定，没有变动。")
    else:
        unchanged = f"；{len(done.unchanged)} 个此前已认定，没有变动" if done.unchanged else ""
        number = done.adoption.document_number
        messages.success(request, f"已接收 {len(done.added)} 个社区的认定（{number}）{unchanged}。")
    return redirect("recognition_list")


def _page(
    request: ActorRequest,
    campaign: Campaign | None,
    done: Consolidation | None = None,
    *,
    form: AdoptionForm | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    may_adopt = campaign is not None and _may_adopt(request, campaign)
    context: dict[str, object] = {
        "problem": problem,
        "this_campaign": campaign,
        "max_files": MAX_FILES,
        "trail": [("报表中心", reverse("report_list")), ("汇总核对", None)],
        "may_adopt": may_adopt,
        "adoptable_years": years_to_adopt(campaign) if campaign else [],
    }
    if done is not None:
        context |= {
            "done": done,
            "signed": sign(done.forms, done.campaign, actor=request.actor),
            "form": form or AdoptionForm(),
            "left_out": _left_out(request, done) if form else set(),
        }
    return render(request, "consolidation/consolidation.html", context, status=status)


def _may_adopt(request: ActorRequest, campaign: Campaign) -> bool:
    return request.actor.can("recognise_communities") and recognises(request.actor.jurisdiction, campaign)


def _left_out(request: ActorRequest, done: Consolidation) -> set[int]:
    """Those that were not ticked, when the page comes back."""
    return {one.index for one in done.open} - set(ids_in(request.POST.getlist("take")))
