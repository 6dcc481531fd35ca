"""What the access matrix tries of supervision visits and good practice: rows in every state, and what is posted to them."""

from datetime import timedelta

from apps.accounts.acting import acting
from apps.accounts.models import Role
from apps.campaigns.models import Campaign
from apps.core import clock
from apps.practices.choosing import choose_practice
from apps.practices.domain import draft_practice, send_practice
from apps.practices.pictures import add_picture
from apps.supervision.domain import issue_visit
from apps.supervision.mending import answer_finding
from tests.architecture.access_matrix import PEOPLE
from tests.factories import made_up
from tests.practices.conftest import photo
from tests.supervision.conftest import pdf, written


def visits_and_practices(chuxiong: Campaign) -> dict[str, int]:
    """楚雄州's visits to 楚雄市, which has answered one of two findings; practices of 楚雄市 on their way to 楚雄州."""
    approver, clerk = made_up(*PEOPLE["prefecture"]), made_up(*PEOPLE["county"])
    # By a colleague of the county who is not tried.
    colleague = made_up("532301", Role.APPROVER)
    issued, drafted = (written(chuxiong, clerk.jurisdiction, number, actor=approver) for number in (2, 1))
    with acting(approver):
        issued = issue_visit(issued, actor=approver, seen=2)
    with acting(colleague):
        first, second = issued.findings.order_by("number")
        answered = answer_finding(second, "已补齐", [pdf()], actor=colleague, seen=0)
        here = {"actor": colleague, "jurisdiction": colleague.jurisdiction}
        waiting, chosen = (draft_practice(**here, title=one, text="做法如下。") for one in ("待办", "采用"))  # type: ignore[arg-type]
        picture = add_picture(chosen, photo(), actor=colleague)
        for one in (waiting, chosen):
            send_practice(one, actor=colleague, seen=1)
    with acting(clerk):
        draft = draft_practice(actor=clerk, jurisdiction=clerk.jurisdiction, title="草稿", text="做法如下。")
    with acting(approver):
        choose_practice(chosen, actor=approver, seen=1)
    return {
        "supervision": issued.pk,
        "draft_supervision": drafted.pk,
        "open_finding": first.pk,
        "answered_finding": answered.pk,
        "finding_file": answered.attachments.get().pk,
        "waiting_practice": waiting.pk,
        "chosen_practice": chosen.pk,
        "draft_practice": draft.pk,
        "practice_picture": picture.pk,
    }


def bodies_of_visits() -> dict[str, dict[str, object]]:
    """Good forms."""
    today = clock.today().isoformat()
    later = (clock.today() + timedelta(days=30)).isoformat()
    words: dict[str, object] = {"title": "做法", "text": "做法如下。"}
    return {
        "visit_add": {"jurisdiction": "532301000000"},
        "visit_edit": {
            "title": "反馈意见",
            "started_on": today,
            "people": "张三",
            "text-0": "台账不全",
            "mend_by-0": later,
            "seen": 2,
        },
        "visit_issue": {"seen": 2},
        "visit_withdraw": {"reason": "测试"},
        "finding_answer": {"answer": "已整改", "seen": 0},
        "finding_mended": {"seen": 1},
        "finding_return": {"reason": "照片看不清", "mend_by": later, "seen": 1},
        "practice_add": words | {"seen": 0},
        "practice_edit": words | {"seen": 1},
        "practice_send": {"seen": 1},
        "practice_recall": {"seen": 1},
        "practice_choose": {"seen": 1},
        "practice_decline": {"reason": "测试", "seen": 1},
        "practice_hand_up": {"seen": 1},
        "practice_commend": {"document_number": "楚住建通〔2022〕5号", "commended_on": today},
        "practice_withdraw": {"reason": "测试"},
    }
