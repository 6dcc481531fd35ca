"""附件2 of a province as xlsx, beside openpyxl writing the same cells in the same run."""

from io import BytesIO

from benchmarks.dataset import ANHUI_CODE, CAMPAIGN, YEAR
from benchmarks.measuring import in_turn, table, verdict

HEAD = ["", "cells", "communities named", "ms", "openpyxl alone, ms", "ratio"]
MOST = 1.5
ROUNDS = 5


def report() -> list[str]:
    """附件2 of 安徽省 in steps: counting, then laying it out and writing it."""
    from openpyxl import Workbook, load_workbook

    from apps.campaigns.models import Campaign
    from apps.core.scope import scope
    from apps.core.xlsx import workbook_bytes
    from apps.evaluations.completion_summary import build_workbook
    from apps.evaluations.summarising import summarise
    from apps.jurisdictions.models import Jurisdiction

    campaign, place = Campaign.objects.get(code=CAMPAIGN), Jurisdiction.objects.get(code=ANHUI_CODE)

    def count() -> object:
        with scope(place.path, user_id=0):
            return summarise(campaign, place, YEAR)

    counted = count()

    def write() -> bytes:
        return workbook_bytes(build_workbook(counted))  # type: ignore[arg-type]

    def whole() -> bytes:
        count()
        return write()

    cells = [[cell.value for cell in row] for row in load_workbook(BytesIO(write())).worksheets[0].iter_rows()]

    def plain() -> None:
        workbook = Workbook()
        for row in cells:
            workbook.worksheets[0].append(row)
        workbook.save(BytesIO())

    number = sum(len(row) for row in cells)
    names = sum(len(one.split("、")) for row in cells[4:-2] for one in row if isinstance(one, str) and "、" in one)
    counting, writing, all_of_it, alone = in_turn([count, write, whole, plain], ROUNDS)
    taken = {"counting": counting, "laying out and writing": writing, "from the database to the bytes": all_of_it}
    rows = [
        [what, str(number), str(names), f"{one:.0f}", f"{alone:.0f}", f"{one / alone:.1f}"]
        for what, one in taken.items()
    ]
    rows[-1][-1] += f", at most {MOST}: {verdict(all_of_it <= MOST * alone)}"
    return [*table("附件2 of 安徽省", HEAD, rows), "With 安徽省 alone loaded; medians of runs in turn.", ""]
