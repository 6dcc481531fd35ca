"""The access matrix: who stands where, and what each address answers them. test_access.py tries every cell."""

from apps.accounts.models import Role

# 鹿城镇 fills in for its communities, 楚雄市 reviews, 楚雄州 recognises. The draft lies with 鹿城镇, the submitted one with 楚雄市.
PEOPLE = {
    "street": ("532301101", Role.STREET_OFFICER),
    "street beside": ("532301102", Role.STREET_OFFICER),
    "county": ("532301", Role.STAFF),
    "county beside": ("532302", Role.STAFF),
    "prefecture": ("5323", Role.APPROVER),
    "administrator": ("5323", Role.BUREAU_ADMIN),
    "province": ("53", Role.APPROVER),
    "viewer": ("5323", Role.VIEWER),
    "department": ("5323", Role.DEPARTMENT_REVIEWER),
    "other tenant": ("12", Role.APPROVER),
    "suspended": ("532301", Role.STAFF),
}
# Administration: of a person of 楚雄市, by the administrators of 楚雄市 itself, above, below and beside it.
ADMINISTRATORS = {
    "own": ("532301", Role.BUREAU_ADMIN),
    "above": ("5323", Role.BUREAU_ADMIN),
    "below": ("532301101", Role.BUREAU_ADMIN),
    "beside": ("532302", Role.BUREAU_ADMIN),
    "other tenant": ("120101", Role.BUREAU_ADMIN),
    "platform": ("000000000000", Role.PLATFORM_ADMIN),
    "staff": ("532301", Role.STAFF),
    "street": ("532301101", Role.STREET_OFFICER),
    "viewer": ("5323", Role.VIEWER),
    "suspended": ("532301", Role.BUREAU_ADMIN),
}
# One's own account: everybody's, whatever they are.
ANYBODY = {"signed in": ("532301101", Role.STREET_OFFICER), "suspended": ("532301", Role.STAFF)}

WORK = """
route                          | on                                       | street | street beside | county | county beside | prefecture | administrator | province | viewer | department | other tenant | suspended | no membership | nobody
desk                           |                                          | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 302       | 403           | 302
switch_membership              |                                          | 405    | 405           | 405    | 405           | 405        | 405           | 405      | 405    | 405        | 405          | 302       | 403           | 302
POST switch_membership         |                                          | 404    | 404           | 404    | 404           | 404        | 404           | 404      | 404    | 404        | 404          | 302       | 403           | 302
progress                       |                                          | 302    | 302           | 302    | 302           | 302        | 302           | 302      | 302    | 302        | 302          | 302       | 403           | 302
progress                       | 532301000000                             | 404    | 404           | 200    | 404           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
progress                       | 532300000000                             | 404    | 404           | 404    | 404           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
progress                       | 120000000000                             | 404    | 404           | 404    | 404           | 404        | 404           | 404      | 404    | 404        | 200          | 302       | 403           | 302
community_list                 |                                          | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 302       | 403           | 302
community_detail               | community                                | 200    | 404           | 200    | 404           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
survey_edit                    | community this_year                      | 200    | 404           | 200    | 404           | 200        | 403           | 200      | 403    | 403        | 404          | 302       | 403           | 302
POST survey_edit               | community this_year                      | 302    | 404           | 302    | 404           | 302        | 403           | 302      | 403    | 403        | 404          | 302       | 403           | 302
community_urban                | community                                | 403    | 404           | 200    | 404           | 403        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST community_urban           | community                                | 403    | 404           | 302    | 404           | 403        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
survey_import                  |                                          | 200    | 200           | 200    | 200           | 200        | 403           | 200      | 403    | 403        | 200          | 302       | 403           | 302
POST survey_import             |                                          | 422    | 422           | 422    | 422           | 422        | 403           | 422      | 403    | 403        | 422          | 302       | 403           | 302
survey_template                |                                          | 200    | 200           | 200    | 200           | 200        | 403           | 200      | 403    | 403        | 200          | 302       | 403           | 302
POST survey_import_confirm     |                                          | 422    | 422           | 422    | 422           | 422        | 403           | 422      | 403    | 403        | 422          | 302       | 403           | 302
POST survey_import_marked      |                                          | 422    | 422           | 422    | 422           | 422        | 403           | 422      | 403    | 403        | 422          | 302       | 403           | 302
project_list                   |                                          | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 302       | 403           | 302
project_funds                  |                                          | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 302       | 403           | 302
project_detail                 | project                                  | 200    | 404           | 200    | 404           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
project_add                    |                                          | 200    | 200           | 200    | 200           | 200        | 403           | 200      | 403    | 403        | 200          | 302       | 403           | 302
POST project_add               |                                          | 200    | 200           | 200    | 200           | 200        | 403           | 200      | 403    | 403        | 200          | 302       | 403           | 302
project_edit                   | project                                  | 200    | 404           | 200    | 404           | 200        | 403           | 200      | 403    | 403        | 404          | 302       | 403           | 302
POST project_edit              | project                                  | 302    | 404           | 302    | 404           | 302        | 403           | 302      | 403    | 403        | 404          | 302       | 403           | 302
POST project_complete          | project                                  | 302    | 404           | 302    | 404           | 302        | 403           | 302      | 403    | 403        | 404          | 302       | 403           | 302
project_end                    | project                                  | 200    | 404           | 200    | 404           | 200        | 403           | 200      | 403    | 403        | 404          | 302       | 403           | 302
POST project_end               | project                                  | 302    | 404           | 302    | 404           | 302        | 403           | 302      | 403    | 403        | 404          | 302       | 403           | 302
POST project_resume            | project                                  | 302    | 404           | 302    | 404           | 302        | 403           | 302      | 403    | 403        | 404          | 302       | 403           | 302
POST project_delete            | project                                  | 302    | 404           | 302    | 404           | 302        | 403           | 302      | 403    | 403        | 404          | 302       | 403           | 302
project_import                 |                                          | 200    | 200           | 200    | 200           | 200        | 403           | 200      | 403    | 403        | 200          | 302       | 403           | 302
POST project_import            |                                          | 422    | 422           | 422    | 422           | 422        | 403           | 422      | 403    | 403        | 422          | 302       | 403           | 302
project_template               |                                          | 200    | 200           | 200    | 200           | 200        | 403           | 200      | 403    | 403        | 200          | 302       | 403           | 302
POST project_import_confirm    |                                          | 422    | 422           | 422    | 422           | 422        | 403           | 422      | 403    | 403        | 422          | 302       | 403           | 302
POST project_import_marked     |                                          | 422    | 422           | 422    | 422           | 422        | 403           | 422      | 403    | 403        | 422          | 302       | 403           | 302
survey_field_list              |                                          | 403    | 403           | 403    | 403           | 403        | 200           | 403      | 403    | 403        | 403          | 302       | 403           | 302
survey_field_add               |                                          | 403    | 403           | 403    | 403           | 403        | 200           | 403      | 403    | 403        | 403          | 302       | 403           | 302
POST survey_field_add          |                                          | 403    | 403           | 403    | 403           | 403        | 302           | 403      | 403    | 403        | 403          | 302       | 403           | 302
survey_field_edit              | survey_field                             | 403    | 403           | 403    | 403           | 403        | 200           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST survey_field_edit         | survey_field                             | 403    | 403           | 403    | 403           | 403        | 302           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST survey_field_retire       | survey_field                             | 403    | 403           | 403    | 403           | 403        | 302           | 403      | 403    | 403        | 404          | 302       | 403           | 302
plan                           |                                          | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 302       | 403           | 302
POST plan                      |                                          | 403    | 403           | 302    | 422           | 422        | 403           | 422      | 403    | 403        | 422          | 302       | 403           | 302
POST plan_remove               | community                                | 403    | 404           | 302    | 404           | 422        | 403           | 422      | 403    | 403        | 404          | 302       | 403           | 302
POST plan_pilot                | community                                | 403    | 404           | 302    | 404           | 422        | 403           | 422      | 403    | 403        | 404          | 302       | 403           | 302
plan_submit                    |                                          | 403    | 403           | 200    | 200           | 422        | 403           | 422      | 403    | 403        | 422          | 302       | 403           | 302
POST plan_submit               |                                          | 403    | 403           | 302    | 409           | 422        | 403           | 422      | 403    | 403        | 422          | 302       | 403           | 302
POST plans_accept              |                                          | 403    | 403           | 422    | 422           | 302        | 403           | 422      | 403    | 403        | 422          | 302       | 403           | 302
annual_plan                    | waiting_plan                             | 404    | 404           | 404    | 200           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
POST plan_withdraw             | waiting_plan                             | 404    | 404           | 404    | 302           | 403        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST plan_return               | waiting_plan                             | 404    | 404           | 404    | 403           | 302        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST plan_accept               | waiting_plan                             | 404    | 404           | 404    | 403           | 302        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
self_assessment_list           |                                          | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 302       | 403           | 302
POST self_assessment_open      | planned                                  | 302    | 404           | 403    | 404           | 403        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
self_assessment                | draft                                    | 200    | 404           | 200    | 404           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
self_assessment                | submitted                                | 200    | 404           | 200    | 404           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
POST self_assessment_criterion | draft 2                                  | 302    | 404           | 403    | 404           | 403        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST self_assessment_criterion | submitted 2                              | 409    | 404           | 403    | 404           | 403        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
self_assessment_submit         | draft                                    | 200    | 404           | 403    | 404           | 403        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST self_assessment_submit    | draft                                    | 302    | 404           | 403    | 404           | 403        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST self_assessment_submit    | submitted                                | 302    | 404           | 403    | 404           | 403        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST evidence_add              | draft 2                                  | 302    | 404           | 403    | 404           | 403        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
evidence                       | evidence                                 | 200    | 404           | 200    | 404           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
POST evidence_delete           | evidence                                 | 302    | 404           | 403    | 404           | 403        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
review_queue                   |                                          | 403    | 403           | 200    | 200           | 200        | 403           | 200      | 403    | 403        | 200          | 302       | 403           | 302
review                         | draft                                    | 200    | 404           | 200    | 404           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
review                         | submitted                                | 200    | 404           | 200    | 404           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
POST review_verdict            | submitted 2                              | 403    | 404           | 302    | 404           | 409        | 403           | 409      | 403    | 403        | 404          | 302       | 403           | 302
POST review_pick               | submitted 2                              | 403    | 404           | 302    | 404           | 409        | 403           | 409      | 403    | 403        | 404          | 302       | 403           | 302
POST review_return             | submitted                                | 403    | 404           | 302    | 404           | 409        | 403           | 409      | 403    | 403        | 404          | 302       | 403           | 302
POST review_agree              | submitted                                | 403    | 404           | 302    | 404           | 409        | 403           | 409      | 403    | 403        | 404          | 302       | 403           | 302
POST review_recognise          | submitted                                | 403    | 404           | 403    | 404           | 409        | 403           | 409      | 403    | 403        | 404          | 302       | 403           | 302
filing_list                    |                                          | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 302       | 403           | 302
filing_below                   |                                          | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 302       | 403           | 302
filing_calendar                |                                          | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 302       | 403           | 302
filing_rates                   |                                          | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 302       | 403           | 302
filing_units                   | due due_day                              | 404    | 404           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
filing                         | due due_county due_day                   | 404    | 404           | 200    | 404           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
POST filing                    | due due_county due_day                   | 404    | 404           | 302    | 404           | 403        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST filing_move               | due due_county due_day                   | 404    | 404           | 403    | 404           | 302        | 403           | 302      | 403    | 403        | 404          | 302       | 403           | 302
POST filing_move_back          | due due_county due_day                   | 404    | 404           | 403    | 404           | 302        | 403           | 302      | 403    | 403        | 404          | 302       | 403           | 302
POST filing_escalate           | due due_county due_day                   | 404    | 404           | 403    | 404           | 302        | 403           | 302      | 403    | 403        | 404          | 302       | 403           | 302
POST filing_withdraw           | due due_beside due_day                   | 404    | 404           | 404    | 302           | 403        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST filing_return             | due due_beside due_day                   | 404    | 404           | 404    | 403           | 302        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST filing_accept             | due due_beside due_day                   | 404    | 404           | 404    | 403           | 302        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
filing_open                    | waiting_filing                           | 404    | 404           | 404    | 302           | 302        | 302           | 302      | 302    | 302        | 404          | 302       | 403           | 302
filing_file                    | filed                                    | 404    | 404           | 404    | 200           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
evaluation_list                |                                          | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 302       | 403           | 302
evaluation_open                | evaluation                               | 404    | 404           | 404    | 302           | 302        | 302           | 302      | 302    | 302        | 404          | 302       | 403           | 302
evaluation                     | evaluated drafting evaluated_year        | 404    | 404           | 200    | 404           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
POST evaluation                | evaluated drafting evaluated_year        | 404    | 404           | 302    | 404           | 403        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
evaluation_summary             | evaluated drafting evaluated_year        | 404    | 404           | 200    | 404           | 404        | 404           | 404      | 404    | 404        | 404          | 302       | 403           | 302
evaluation_summary             | evaluated reporting evaluated_year       | 404    | 404           | 404    | 200           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
evaluation_document            | evaluated drafting evaluated_year        | 404    | 404           | 200    | 404           | 404        | 404           | 404      | 404    | 404        | 404          | 302       | 403           | 302
evaluation_document            | evaluated reporting evaluated_year       | 404    | 404           | 404    | 200           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
POST evaluation_ask            | evaluated drafting evaluated_year        | 404    | 404           | 302    | 404           | 403        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST evaluation_countersign    | evaluated drafting evaluated_year        | 404    | 404           | 302    | 404           | 403        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST evaluation_withdraw       | evaluated reporting evaluated_year       | 404    | 404           | 404    | 302           | 403        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST evaluation_practice       | evaluated reporting evaluated_year       | 404    | 404           | 404    | 302           | 403        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
evaluation_take_up             | evaluated drafting evaluated_year        | 404    | 404           | 403    | 404           | 404        | 403           | 404      | 403    | 403        | 404          | 302       | 403           | 302
evaluation_take_up             | evaluated reporting evaluated_year       | 404    | 404           | 404    | 403           | 200        | 403           | 200      | 403    | 403        | 404          | 302       | 403           | 302
POST evaluation_take_up        | evaluated reporting evaluated_year       | 404    | 404           | 404    | 403           | 302        | 403           | 302      | 403    | 403        | 404          | 302       | 403           | 302
POST evaluation_agree          | evaluated reporting evaluated_year       | 404    | 404           | 404    | 403           | 302        | 403           | 409      | 403    | 403        | 404          | 302       | 403           | 302
POST evaluation_return         | evaluated reporting evaluated_year       | 404    | 404           | 404    | 403           | 302        | 403           | 409      | 403    | 403        | 404          | 302       | 403           | 302
POST evaluation_approve        | evaluated reporting evaluated_year       | 404    | 404           | 404    | 403           | 422        | 403           | 409      | 403    | 403        | 404          | 302       | 403           | 302
report_list                    |                                          | 403    | 403           | 200    | 200           | 200        | 200           | 200      | 403    | 200        | 200          | 302       | 403           | 302
POST export_request            |                                          | 403    | 403           | 302    | 422           | 302        | 302           | 302      | 403    | 302        | 422          | 302       | 403           | 302
export_job                     | job                                      | 403    | 403           | 404    | 404           | 200        | 200           | 404      | 403    | 200        | 404          | 302       | 403           | 302
download_export                | job                                      | 403    | 403           | 404    | 404           | 200        | 200           | 404      | 403    | 200        | 404          | 302       | 403           | 302
POST export_cancel             | job                                      | 403    | 403           | 404    | 404           | 302        | 403           | 404      | 403    | 403        | 404          | 302       | 403           | 302
POST export_repeat             | job                                      | 403    | 403           | 404    | 404           | 302        | 403           | 404      | 403    | 403        | 404          | 302       | 403           | 302
consolidation                  |                                          | 403    | 403           | 200    | 200           | 200        | 200           | 200      | 403    | 200        | 200          | 302       | 403           | 302
POST consolidation             |                                          | 403    | 403           | 422    | 422           | 422        | 422           | 422      | 403    | 422        | 422          | 302       | 403           | 302
POST consolidation_adopt       |                                          | 403    | 403           | 403    | 403           | 422        | 403           | 422      | 403    | 403        | 422          | 302       | 403           | 302
standard_list                  |                                          | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 302       | 403           | 302
standard_detail                | standard                                 | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 302       | 403           | 302
campaign_list                  |                                          | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 302       | 403           | 302
POST switch_campaign           |                                          | 302    | 302           | 302    | 302           | 302        | 302           | 302      | 302    | 302        | 404          | 302       | 403           | 302
campaign_detail                | campaign                                 | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
POST set_target                | campaign                                 | 404    | 404           | 302    | 404           | 302        | 302           | 403      | 403    | 403        | 404          | 302       | 403           | 302
target_distribute              | campaign                                 | 403    | 403           | 200    | 200           | 200        | 200           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST target_distribute         | campaign                                 | 403    | 403           | 422    | 422           | 302        | 302           | 403      | 403    | 403        | 404          | 302       | 403           | 302
target_history                 | campaign percent 532301000000 2022       | 404    | 404           | 200    | 404           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
POST review_revoke             | submitted                                | 403    | 404           | 403    | 404           | 409        | 403           | 409      | 403    | 403        | 404          | 302       | 403           | 302
POST second_approval_confirm   | proposal                                 | 403    | 404           | 403    | 404           | 302        | 403           | 409      | 403    | 403        | 404          | 302       | 403           | 302
POST second_approval_decline   | proposal                                 | 403    | 404           | 403    | 404           | 302        | 403           | 409      | 403    | 403        | 404          | 302       | 403           | 302
POST second_approval_withdraw  | proposal                                 | 403    | 404           | 403    | 404           | 403        | 403           | 409      | 403    | 403        | 404          | 302       | 403           | 302
POST set_second_approval       | campaign                                 | 403    | 403           | 403    | 403           | 403        | 302           | 403      | 403    | 403        | 404          | 302       | 403           | 302
object_history                 | assessments assessment draft             | 200    | 404           | 200    | 404           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
object_history                 | accounts user officer                    | 403    | 404           | 403    | 404           | 403        | 200           | 403      | 403    | 403        | 404          | 302       | 403           | 302
audit_trail                    |                                          | 403    | 403           | 403    | 403           | 403        | 200           | 403      | 403    | 403        | 403          | 302       | 403           | 302
evidence_choose                | draft 2                                  | 200    | 404           | 403    | 404           | 403        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST evidence_choose           | draft 2                                  | 302    | 404           | 403    | 404           | 403        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
evidence_list                  | draft                                    | 200    | 404           | 200    | 404           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
POST evidence_caption          | evidence                                 | 302    | 404           | 403    | 404           | 403        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST evidence_rotate           | evidence                                 | 422    | 404           | 403    | 404           | 403        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
standard_compare               |                                          | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 302       | 403           | 302
standard_xlsx                  | standard                                 | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 302       | 403           | 302
standard_try                   | standard                                 | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 302       | 403           | 302
POST standard_try              | standard                                 | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 302       | 403           | 302
standard_template              |                                          | 403    | 403           | 200    | 200           | 200        | 200           | 200      | 403    | 403        | 200          | 302       | 403           | 302
standard_import                |                                          | 403    | 403           | 200    | 200           | 200        | 200           | 200      | 403    | 403        | 200          | 302       | 403           | 302
POST standard_import           |                                          | 403    | 403           | 422    | 422           | 422        | 422           | 422      | 403    | 403        | 422          | 302       | 403           | 302
POST standard_import_confirm   |                                          | 403    | 403           | 422    | 422           | 422        | 422           | 422      | 403    | 403        | 422          | 302       | 403           | 302
POST standard_import_marked    |                                          | 403    | 403           | 422    | 422           | 422        | 422           | 422      | 403    | 403        | 422          | 302       | 403           | 302
site_visit_add                 | submitted                                | 403    | 404           | 200    | 404           | 409        | 403           | 409      | 403    | 403        | 404          | 302       | 403           | 302
POST site_visit_add            | submitted                                | 403    | 404           | 302    | 404           | 409        | 403           | 409      | 403    | 403        | 404          | 302       | 403           | 302
site_visit_blank               | submitted                                | 403    | 404           | 200    | 404           | 200        | 403           | 200      | 403    | 403        | 404          | 302       | 403           | 302
site_visit                     | visited visit                            | 404    | 404           | 200    | 404           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
POST site_visit                | visited visit                            | 404    | 404           | 302    | 404           | 403        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST site_visit_delete         | visited visit                            | 403    | 404           | 302    | 404           | 403        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST site_visit_photos         | visited visit                            | 404    | 404           | 302    | 404           | 403        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
site_visit_print               | visited visit                            | 404    | 404           | 200    | 404           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
opinion_list                   |                                          | 403    | 403           | 403    | 403           | 403        | 403           | 403      | 403    | 200        | 403          | 302       | 403           | 302
opinion                        | submitted                                | 403    | 404           | 403    | 404           | 403        | 403           | 403      | 403    | 200        | 404          | 302       | 403           | 302
POST opinion                   | submitted                                | 403    | 404           | 403    | 404           | 403        | 403           | 403      | 403    | 409        | 404          | 302       | 403           | 302
POST opinion_save              | submitted 1                              | 403    | 404           | 403    | 404           | 403        | 403           | 403      | 403    | 409        | 404          | 302       | 403           | 302
standard_create                |                                          | 403    | 403           | 200    | 200           | 200        | 200           | 200      | 403    | 403        | 200          | 302       | 403           | 302
POST standard_create           |                                          | 403    | 403           | 422    | 422           | 422        | 422           | 422      | 403    | 403        | 422          | 302       | 403           | 302
standard_edit                  | draft_standard                           | 404    | 404           | 404    | 404           | 200        | 200           | 403      | 403    | 403        | 404          | 302       | 403           | 302
standard_edit                  | standard                                 | 403    | 403           | 403    | 403           | 409        | 409           | 403      | 403    | 403        | 403          | 302       | 403           | 302
standard_head                  | draft_standard                           | 404    | 404           | 404    | 404           | 200        | 200           | 403      | 403    | 403        | 404          | 302       | 403           | 302
standard_publish               | draft_standard                           | 404    | 404           | 404    | 404           | 200        | 200           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST standard_publish          | draft_standard                           | 404    | 404           | 404    | 404           | 409        | 409           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST standard_version          | standard                                 | 403    | 403           | 403    | 403           | 302        | 302           | 403      | 403    | 403        | 403          | 302       | 403           | 302
POST standard_renumber         | draft_standard                           | 404    | 404           | 404    | 404           | 302        | 302           | 403      | 403    | 403        | 404          | 302       | 403           | 302
standard_part                  | draft_standard criterion draft_criterion | 404    | 404           | 404    | 404           | 200        | 200           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST standard_part             | draft_standard criterion draft_criterion | 404    | 404           | 404    | 404           | 422        | 422           | 403      | 403    | 403        | 404          | 302       | 403           | 302
standard_part_add              | draft_standard section                   | 404    | 404           | 404    | 404           | 200        | 200           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST standard_part_move        | draft_standard criterion draft_criterion | 404    | 404           | 404    | 404           | 302        | 302           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST standard_part_delete      | draft_standard criterion draft_criterion | 404    | 404           | 404    | 404           | 302        | 302           | 403      | 403    | 403        | 404          | 302       | 403           | 302
standard_rule_words            | draft_standard draft_criterion           | 404    | 404           | 404    | 404           | 200        | 200           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST standard_delete           | draft_standard                           | 403    | 403           | 302    | 302           | 302        | 302           | 403      | 403    | 403        | 302          | 302       | 403           | 302
POST campaign_standard         | campaign                                 | 404    | 404           | 404    | 404           | 404        | 404           | 404      | 404    | 404        | 404          | 302       | 403           | 302
POST review_claim_next         |                                          | 403    | 403           | 302    | 302           | 302        | 403           | 302      | 403    | 403        | 302          | 302       | 403           | 302
review_bulk                    |                                          | 403    | 403           | 200    | 200           | 200        | 403           | 200      | 403    | 403        | 200          | 302       | 403           | 302
POST review_bulk_agree         |                                          | 403    | 403           | 302    | 302           | 302        | 403           | 302      | 403    | 403        | 302          | 302       | 403           | 302
review_bulk_result             |                                          | 403    | 403           | 200    | 200           | 200        | 403           | 200      | 403    | 403        | 200          | 302       | 403           | 302
POST review_claim              | submitted                                | 403    | 404           | 302    | 404           | 409        | 403           | 409      | 403    | 403        | 404          | 302       | 403           | 302
POST review_release            | submitted                                | 403    | 404           | 302    | 404           | 409        | 403           | 409      | 403    | 403        | 404          | 302       | 403           | 302
POST self_assessment_recall    | submitted                                | 302    | 404           | 403    | 404           | 403        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST self_assessment_confirm   | draft                                    | 302    | 404           | 403    | 404           | 403        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST self_assessment_confirm   | submitted                                | 409    | 404           | 403    | 404           | 403        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
self_assessment_news           | draft                                    | 200    | 404           | 403    | 404           | 403        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
self_assessment_cards          | draft                                    | 302    | 404           | 302    | 404           | 302        | 302           | 302      | 302    | 302        | 404          | 302       | 403           | 302
recognition_list               |                                          | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 302       | 403           | 302
proposed_list                  |                                          | 403    | 403           | 200    | 200           | 200        | 403           | 200      | 403    | 403        | 200          | 302       | 403           | 302
POST proposed_list             |                                          | 403    | 403           | 403    | 403           | 422        | 403           | 422      | 403    | 403        | 422          | 302       | 403           | 302
bulletin_list                  |                                          | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 302       | 403           | 302
POST bulletin_add              |                                          | 403    | 403           | 302    | 302           | 302        | 403           | 302      | 403    | 403        | 302          | 302       | 403           | 302
bulletin_detail                | bulletin                                 | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
bulletin_detail                | draft_bulletin                           | 404    | 404           | 404    | 404           | 200        | 200           | 404      | 200    | 200        | 404          | 302       | 403           | 302
bulletin_edit                  | draft_bulletin                           | 404    | 404           | 404    | 404           | 200        | 403           | 404      | 403    | 403        | 404          | 302       | 403           | 302
POST bulletin_edit             | draft_bulletin                           | 404    | 404           | 404    | 404           | 302        | 403           | 404      | 403    | 403        | 404          | 302       | 403           | 302
POST bulletin_discard          | draft_bulletin                           | 404    | 404           | 404    | 404           | 302        | 403           | 404      | 403    | 403        | 404          | 302       | 403           | 302
POST bulletin_publish          | draft_bulletin                           | 404    | 404           | 404    | 404           | 302        | 403           | 404      | 403    | 403        | 404          | 302       | 403           | 302
bulletin_withdraw              | bulletin                                 | 403    | 403           | 403    | 403           | 200        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST bulletin_withdraw         | bulletin                                 | 403    | 403           | 403    | 403           | 302        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
visit_list                     |                                          | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 302       | 403           | 302
visit_add                      |                                          | 403    | 403           | 200    | 200           | 200        | 403           | 200      | 403    | 403        | 200          | 302       | 403           | 302
POST visit_add                 |                                          | 403    | 403           | 422    | 404           | 302        | 403           | 302      | 403    | 403        | 404          | 302       | 403           | 302
visit_detail                   | supervision                              | 404    | 404           | 200    | 404           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
visit_detail                   | draft_supervision                        | 404    | 404           | 404    | 404           | 200        | 200           | 404      | 200    | 200        | 404          | 302       | 403           | 302
visit_edit                     | draft_supervision                        | 404    | 404           | 404    | 404           | 200        | 403           | 404      | 403    | 403        | 404          | 302       | 403           | 302
POST visit_edit                | draft_supervision                        | 404    | 404           | 404    | 404           | 302        | 403           | 404      | 403    | 403        | 404          | 302       | 403           | 302
POST visit_discard             | draft_supervision                        | 404    | 404           | 404    | 404           | 302        | 403           | 404      | 403    | 403        | 404          | 302       | 403           | 302
POST visit_issue               | draft_supervision                        | 404    | 404           | 404    | 404           | 302        | 403           | 404      | 403    | 403        | 404          | 302       | 403           | 302
visit_withdraw                 | supervision                              | 404    | 404           | 403    | 404           | 200        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST visit_withdraw            | supervision                              | 404    | 404           | 403    | 404           | 302        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
finding_answer                 | open_finding                             | 404    | 404           | 200    | 404           | 403        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST finding_answer            | open_finding                             | 404    | 404           | 302    | 404           | 403        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST finding_mended            | answered_finding                         | 404    | 404           | 403    | 404           | 302        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
finding_return                 | answered_finding                         | 404    | 404           | 403    | 404           | 200        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST finding_return            | answered_finding                         | 404    | 404           | 403    | 404           | 302        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
finding_file                   | finding_file                             | 404    | 404           | 200    | 404           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
visit_document                 | supervision                              | 404    | 404           | 200    | 404           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
practice_list                  |                                          | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 302       | 403           | 302
practice_sent                  |                                          | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 302       | 403           | 302
practice_waiting               |                                          | 403    | 403           | 403    | 403           | 200        | 403           | 200      | 403    | 403        | 200          | 302       | 403           | 302
practice_add                   |                                          | 200    | 200           | 200    | 200           | 200        | 403           | 200      | 403    | 403        | 200          | 302       | 403           | 302
POST practice_add              |                                          | 302    | 302           | 302    | 302           | 302        | 403           | 302      | 403    | 403        | 302          | 302       | 403           | 302
practice_detail                | waiting_practice                         | 404    | 404           | 200    | 404           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
practice_detail                | chosen_practice                          | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
practice_detail                | draft_practice                           | 404    | 404           | 200    | 404           | 404        | 404           | 404      | 404    | 404        | 404          | 302       | 403           | 302
practice_edit                  | draft_practice                           | 404    | 404           | 200    | 404           | 404        | 404           | 404      | 404    | 404        | 404          | 302       | 403           | 302
POST practice_edit             | draft_practice                           | 404    | 404           | 302    | 404           | 404        | 404           | 404      | 404    | 404        | 404          | 302       | 403           | 302
POST practice_discard          | draft_practice                           | 404    | 404           | 302    | 404           | 404        | 404           | 404      | 404    | 404        | 404          | 302       | 403           | 302
POST practice_send             | draft_practice                           | 404    | 404           | 302    | 404           | 404        | 404           | 404      | 404    | 404        | 404          | 302       | 403           | 302
POST practice_recall           | waiting_practice                         | 404    | 404           | 302    | 404           | 403        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST practice_choose           | waiting_practice                         | 404    | 404           | 403    | 404           | 302        | 403           | 302      | 403    | 403        | 404          | 302       | 403           | 302
practice_decline               | waiting_practice                         | 404    | 404           | 403    | 404           | 200        | 403           | 200      | 403    | 403        | 404          | 302       | 403           | 302
POST practice_decline          | waiting_practice                         | 404    | 404           | 403    | 404           | 302        | 403           | 302      | 403    | 403        | 404          | 302       | 403           | 302
POST practice_hand_up          | chosen_practice                          | 403    | 403           | 403    | 403           | 302        | 403           | 409      | 403    | 403        | 404          | 302       | 403           | 302
practice_commend               | chosen_practice                          | 403    | 403           | 403    | 403           | 200        | 403           | 404      | 403    | 403        | 404          | 302       | 403           | 302
POST practice_commend          | chosen_practice                          | 403    | 403           | 403    | 403           | 302        | 403           | 404      | 403    | 403        | 404          | 302       | 403           | 302
practice_withdraw              | chosen_practice                          | 403    | 403           | 403    | 403           | 200        | 403           | 404      | 403    | 403        | 404          | 302       | 403           | 302
POST practice_withdraw         | chosen_practice                          | 403    | 403           | 403    | 403           | 302        | 403           | 404      | 403    | 403        | 404          | 302       | 403           | 302
practice_picture               | practice_picture                         | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
notice_list                    |                                          | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 302       | 403           | 302
notice_detail                  | notice                                   | 200    | 404           | 200    | 404           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
notice_detail                  | draft_notice                             | 404    | 404           | 404    | 404           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
notice_edit                    | draft_notice                             | 404    | 404           | 404    | 404           | 200        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST notice_edit               | draft_notice                             | 404    | 404           | 404    | 404           | 302        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST notice_discard            | draft_notice                             | 404    | 404           | 404    | 404           | 302        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST notice_publish            | draft_notice                             | 404    | 404           | 404    | 404           | 302        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
notice_withdraw                | notice                                   | 403    | 404           | 403    | 404           | 200        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST notice_withdraw           | notice                                   | 403    | 404           | 403    | 404           | 302        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
bulletin_document              | bulletin                                 | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
bulletin_document              | draft_bulletin                           | 404    | 404           | 404    | 404           | 200        | 200           | 404      | 200    | 200        | 404          | 302       | 403           | 302
filing_document                | waiting_filing                           | 404    | 404           | 404    | 200           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
plan_document                  | waiting_plan                             | 404    | 404           | 404    | 200           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
notice_document                | notice                                   | 403    | 404           | 403    | 404           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
notice_document                | draft_notice                             | 404    | 404           | 404    | 404           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
decision_document              | recognition                              | 403    | 404           | 403    | 404           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
list_document                  |                                          | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 302       | 403           | 302
score_sheet_document           | submitted                                | 200    | 404           | 200    | 404           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
review_record_document         | submitted                                | 200    | 404           | 200    | 404           | 200        | 200           | 200      | 200    | 200        | 404          | 302       | 403           | 302
notice_decide                  | notice                                   | 403    | 404           | 403    | 404           | 302        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST notice_decide             | notice                                   | 403    | 404           | 403    | 404           | 409        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
objection_add                  | entry                                    | 404    | 404           | 404    | 404           | 200        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST objection_add             | entry                                    | 404    | 404           | 404    | 404           | 302        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
objection_decide               | objection                                | 404    | 404           | 404    | 404           | 200        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST objection_decide          | objection                                | 404    | 404           | 404    | 404           | 302        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
document_number_correct        | recognition                              | 403    | 404           | 403    | 404           | 200        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST document_number_correct   | recognition                              | 403    | 404           | 403    | 404           | 302        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
adopted_revoke                 | adopted                                  | 403    | 404           | 403    | 404           | 200        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST adopted_revoke            | adopted                                  | 403    | 404           | 403    | 404           | 302        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
recheck_list                   |                                          | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 302       | 403           | 302
recheck_record                 | recognition this_year                    | 403    | 404           | 200    | 404           | 200        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST recheck_record            | recognition this_year                    | 403    | 404           | 302    | 404           | 302        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
base_list                      |                                          | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 302       | 403           | 302
base_name                      | recognition                              | 403    | 404           | 403    | 404           | 200        | 403           | 200      | 403    | 403        | 404          | 302       | 403           | 302
POST base_name                 | recognition                              | 403    | 404           | 403    | 404           | 409        | 403           | 302      | 403    | 403        | 404          | 302       | 403           | 302
base_end                       | base                                     | 403    | 404           | 403    | 404           | 200        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST base_end                  | base                                     | 403    | 404           | 403    | 404           | 302        | 403           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST set_notice_rules          | campaign                                 | 403    | 403           | 403    | 403           | 403        | 302           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST set_reminder_days         | campaign                                 | 403    | 403           | 403    | 403           | 403        | 302           | 403      | 403    | 403        | 404          | 302       | 403           | 302
campaign_create                |                                          | 403    | 403           | 403    | 403           | 403        | 200           | 403      | 403    | 403        | 403          | 302       | 403           | 302
POST campaign_create           |                                          | 403    | 403           | 403    | 403           | 403        | 422           | 403      | 403    | 403        | 403          | 302       | 403           | 302
campaign_copy                  | campaign                                 | 403    | 403           | 403    | 403           | 403        | 200           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST campaign_copy             | campaign                                 | 403    | 403           | 403    | 403           | 403        | 302           | 403      | 403    | 403        | 404          | 302       | 403           | 302
campaign_edit                  | draft_campaign                           | 404    | 404           | 404    | 404           | 403        | 200           | 404      | 403    | 403        | 404          | 302       | 403           | 302
campaign_edit                  | campaign                                 | 403    | 403           | 403    | 403           | 403        | 200           | 403      | 403    | 403        | 404          | 302       | 403           | 302
campaign_part                  | draft_campaign chain                     | 404    | 404           | 404    | 404           | 403        | 200           | 404      | 403    | 403        | 404          | 302       | 403           | 302
POST campaign_part             | draft_campaign chain                     | 404    | 404           | 404    | 404           | 403        | 302           | 404      | 403    | 403        | 404          | 302       | 403           | 302
POST campaign_part             | campaign chain                           | 403    | 403           | 403    | 403           | 403        | 422           | 403      | 403    | 403        | 404          | 302       | 403           | 302
campaign_entry_add             | draft_campaign milestone                 | 404    | 404           | 404    | 404           | 403        | 200           | 404      | 403    | 403        | 404          | 302       | 403           | 302
POST campaign_entry_add        | draft_campaign phase                     | 404    | 404           | 404    | 404           | 403        | 302           | 404      | 403    | 403        | 404          | 302       | 403           | 302
campaign_entry                 | draft_campaign phase draft_phase         | 404    | 404           | 404    | 404           | 403        | 200           | 404      | 403    | 403        | 404          | 302       | 403           | 302
POST campaign_entry            | draft_campaign phase draft_phase         | 404    | 404           | 404    | 404           | 403        | 302           | 404      | 403    | 403        | 404          | 302       | 403           | 302
POST campaign_entry_move       | draft_campaign phase draft_phase         | 404    | 404           | 404    | 404           | 403        | 302           | 404      | 403    | 403        | 404          | 302       | 403           | 302
POST campaign_entry_delete     | draft_campaign phase draft_phase         | 404    | 404           | 404    | 404           | 403        | 302           | 404      | 403    | 403        | 404          | 302       | 403           | 302
campaign_open                  | draft_campaign                           | 404    | 404           | 404    | 404           | 403        | 200           | 404      | 403    | 403        | 404          | 302       | 403           | 302
POST campaign_open             | draft_campaign                           | 404    | 404           | 404    | 404           | 403        | 302           | 404      | 403    | 403        | 404          | 302       | 403           | 302
campaign_open                  | campaign                                 | 403    | 403           | 403    | 403           | 403        | 409           | 403      | 403    | 403        | 404          | 302       | 403           | 302
campaign_years                 | campaign                                 | 403    | 403           | 403    | 403           | 403        | 200           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST campaign_years            | campaign                                 | 403    | 403           | 403    | 403           | 403        | 302           | 403      | 403    | 403        | 404          | 302       | 403           | 302
campaign_close                 | campaign                                 | 403    | 403           | 403    | 403           | 403        | 200           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST campaign_close            | campaign                                 | 403    | 403           | 403    | 403           | 403        | 302           | 403      | 403    | 403        | 404          | 302       | 403           | 302
campaign_reopen                | campaign                                 | 403    | 403           | 403    | 403           | 403        | 409           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST campaign_reopen           | campaign                                 | 403    | 403           | 403    | 403           | 403        | 302           | 403      | 403    | 403        | 404          | 302       | 403           | 302
POST campaign_delete           | draft_campaign                           | 404    | 404           | 404    | 404           | 403        | 302           | 404      | 403    | 403        | 404          | 302       | 403           | 302
POST campaign_delete           | campaign                                 | 403    | 403           | 403    | 403           | 403        | 409           | 403      | 403    | 403        | 404          | 302       | 403           | 302
public_index                   |                                          | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 200       | 200           | 200
public_list                    | publisher                                | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 200       | 200           | 200
public_list                    | 120000000000                             | 404    | 404           | 404    | 404           | 404        | 404           | 404      | 404    | 404        | 404          | 404       | 404           | 404
public_notice                  | notice                                   | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 200       | 200           | 200
public_notice                  | draft_notice                             | 404    | 404           | 404    | 404           | 404        | 404           | 404      | 404    | 404        | 404          | 404       | 404           | 404
notification_list              |                                          | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 302       | 403           | 302
POST notification_read_all     |                                          | 302    | 302           | 302    | 302           | 302        | 302           | 302      | 302    | 302        | 302          | 302       | 403           | 302
POST notification_open         | notification                             | 404    | 404           | 302    | 404           | 404        | 404           | 404      | 404    | 404        | 404          | 302       | 403           | 302
POST notification_read         | notification                             | 404    | 404           | 302    | 404           | 404        | 404           | 404      | 404    | 404        | 404          | 302       | 403           | 302
baseline_list                  |                                          | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 302       | 403           | 302
POST baseline_confirm          | 2022                                     | 403    | 403           | 403    | 403           | 403        | 403           | 403      | 403    | 403        | 403          | 302       | 403           | 302
baseline_reopen                | baseline                                 | 404    | 404           | 403    | 404           | 200        | 403           | 200      | 403    | 403        | 404          | 302       | 403           | 302
POST baseline_reopen           | baseline                                 | 404    | 404           | 403    | 404           | 302        | 403           | 302      | 403    | 403        | 404          | 302       | 403           | 302
community_change_list          |                                          | 200    | 200           | 200    | 200           | 200        | 200           | 200      | 200    | 200        | 200          | 302       | 403           | 302
community_open                 |                                          | 403    | 403           | 200    | 200           | 200        | 403           | 200      | 403    | 403        | 200          | 302       | 403           | 302
POST community_open            |                                          | 403    | 403           | 200    | 422           | 200        | 403           | 200      | 403    | 403        | 422          | 302       | 403           | 302
community_change               | community rename                         | 403    | 404           | 200    | 404           | 200        | 403           | 200      | 403    | 403        | 404          | 302       | 403           | 302
POST community_change          | community close                          | 403    | 404           | 200    | 404           | 200        | 403           | 200      | 403    | 403        | 404          | 302       | 403           | 302
jurisdiction_change_list       |                                          | 403    | 403           | 403    | 403           | 403        | 200           | 403      | 403    | 403        | 403          | 302       | 403           | 302
jurisdiction_change            | move                                     | 403    | 403           | 403    | 403           | 403        | 200           | 403      | 403    | 403        | 403          | 302       | 403           | 302
POST jurisdiction_change       | move                                     | 403    | 403           | 403    | 403           | 403        | 200           | 403      | 403    | 403        | 403          | 302       | 403           | 302
"""

ADMINISTRATION = """
route                  | on                   | own | above | below | beside | other tenant | platform | staff | street | viewer | suspended | no membership | nobody
person_list            |                      | 200 | 200   | 200   | 200    | 200          | 200      | 403   | 403    | 403    | 302       | 403           | 302
person_invite          |                      | 200 | 200   | 200   | 200    | 200          | 200      | 403   | 403    | 403    | 302       | 403           | 302
bulk_invite            |                      | 200 | 200   | 200   | 200    | 200          | 200      | 403   | 403    | 403    | 302       | 403           | 302
bulk_template          |                      | 200 | 200   | 200   | 200    | 200          | 200      | 403   | 403    | 403    | 302       | 403           | 302
audit_trail            |                      | 200 | 200   | 200   | 200    | 200          | 200      | 403   | 403    | 403    | 302       | 403           | 302
security_policy        |                      | 200 | 200   | 200   | 200    | 200          | 200      | 403   | 403    | 403    | 302       | 403           | 302
office_profile         |                      | 200 | 200   | 200   | 200    | 200          | 403      | 403   | 403    | 403    | 302       | 403           | 302
office_sample          |                      | 200 | 200   | 200   | 200    | 200          | 403      | 403   | 403    | 403    | 302       | 403           | 302
person_detail          | person               | 200 | 200   | 404   | 404    | 404          | 200      | 403   | 403    | 403    | 302       | 403           | 302
person_depart          | person               | 200 | 200   | 404   | 404    | 404          | 200      | 403   | 403    | 403    | 302       | 403           | 302
membership_add         | person               | 200 | 200   | 404   | 404    | 404          | 200      | 403   | 403    | 403    | 302       | 403           | 302
membership_change      | held                 | 200 | 200   | 404   | 404    | 404          | 200      | 403   | 403    | 403    | 302       | 403           | 302
object_history         | accounts user person | 200 | 200   | 404   | 404    | 404          | 200      | 403   | 404    | 403    | 302       | 403           | 302
POST person_invite     |                      | 302 | 302   | 302   | 302    | 302          | 302      | 403   | 403    | 403    | 302       | 403           | 302
POST bulk_invite       |                      | 422 | 422   | 422   | 422    | 422          | 422      | 403   | 403    | 403    | 302       | 403           | 302
POST bulk_confirm      |                      | 422 | 422   | 422   | 422    | 422          | 422      | 403   | 403    | 403    | 302       | 403           | 302
POST bulk_errors       |                      | 422 | 422   | 422   | 422    | 422          | 422      | 403   | 403    | 403    | 302       | 403           | 302
slips                  |                      | 302 | 302   | 302   | 302    | 302          | 302      | 403   | 403    | 403    | 302       | 403           | 302
POST slips             |                      | 200 | 200   | 302   | 302    | 302          | 200      | 403   | 403    | 403    | 302       | 403           | 302
POST security_policy   |                      | 302 | 302   | 302   | 302    | 302          | 302      | 403   | 403    | 403    | 302       | 403           | 302
POST office_profile    |                      | 302 | 302   | 302   | 302    | 302          | 403      | 403   | 403    | 403    | 302       | 403           | 302
POST person_edit       | person               | 302 | 302   | 404   | 404    | 404          | 302      | 403   | 403    | 403    | 302       | 403           | 302
POST person_code       | person               | 302 | 302   | 404   | 404    | 404          | 302      | 403   | 403    | 403    | 302       | 403           | 302
POST person_mail       | person               | 302 | 302   | 404   | 404    | 404          | 302      | 403   | 403    | 403    | 302       | 403           | 302
POST person_reset      | person               | 302 | 302   | 404   | 404    | 404          | 302      | 403   | 403    | 403    | 302       | 403           | 302
POST person_unlock     | person               | 409 | 409   | 404   | 404    | 404          | 409      | 403   | 403    | 403    | 302       | 403           | 302
POST person_suspend    | person               | 302 | 302   | 404   | 404    | 404          | 302      | 403   | 403    | 403    | 302       | 403           | 302
POST person_resume     | person               | 409 | 409   | 404   | 404    | 404          | 409      | 403   | 403    | 403    | 302       | 403           | 302
POST person_erase      | person               | 302 | 302   | 404   | 404    | 404          | 302      | 403   | 403    | 403    | 302       | 403           | 302
POST person_depart     | person               | 302 | 302   | 404   | 404    | 404          | 302      | 403   | 403    | 403    | 302       | 403           | 302
POST membership_add    | person               | 302 | 302   | 404   | 404    | 404          | 302      | 403   | 403    | 403    | 302       | 403           | 302
POST membership_change | held                 | 302 | 302   | 404   | 404    | 404          | 302      | 403   | 403    | 403    | 302       | 403           | 302
POST membership_end    | held                 | 302 | 302   | 404   | 404    | 404          | 302      | 403   | 403    | 403    | 302       | 403           | 302
"""

ACCOUNT = """
route                         | on   | signed in | suspended | no membership | nobody
activate                      |      | 200       | 200       | 200           | 200
activate_with                 | code | 302       | 302       | 302           | 302
POST activate                 |      | 200       | 422       | 200           | 422
session_list                  |      | 200       | 302       | 200           | 302
POST session_end              |      | 302       | 302       | 302           | 302
session_state                 |      | 200       | 200       | 200           | 200
signed_in                     |      | 200       | 302       | 200           | 302
account_login                 |      | 302       | 200       | 302           | 200
account_logout                |      | 200       | 302       | 200           | 302
POST account_logout           |      | 302       | 302       | 302           | 302
account_inactive              |      | 200       | 200       | 200           | 200
account_signup                |      | 302       | 200       | 302           | 200
POST account_signup           |      | 302       | 200       | 302           | 200
account_reauthenticate        |      | 200       | 302       | 200           | 302
account_change_password       |      | 200       | 302       | 200           | 302
mfa_index                     |      | 200       | 302       | 200           | 302
mfa_authenticate              |      | 302       | 302       | 302           | 302
mfa_reauthenticate            |      | 302       | 302       | 302           | 302
mfa_activate_totp             |      | 302       | 302       | 302           | 302
mfa_deactivate_totp           |      | 404       | 302       | 404           | 302
mfa_view_recovery_codes       |      | 404       | 302       | 404           | 302
mfa_generate_recovery_codes   |      | 302       | 302       | 302           | 302
mfa_download_recovery_codes   |      | 404       | 302       | 404           | 302
openid_connect_login          | oidc | 404       | 404       | 404           | 404
openid_connect_callback       | oidc | 404       | 404       | 404           | 404
socialaccount_login_cancelled |      | 200       | 200       | 200           | 200
socialaccount_login_error     |      | 401       | 401       | 401           | 401
socialaccount_connections     |      | 200       | 302       | 200           | 302
"""
