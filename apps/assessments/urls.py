"""Addresses of this room."""

from django.urls import path

from apps.assessments.views import evidence, queue, review, second_approval, self_assessment

urlpatterns = [
    path("assessments/", self_assessment.self_assessment_list, name="self_assessment_list"),
    path("assessments/open/<int:pk>/", self_assessment.self_assessment_open, name="self_assessment_open"),
    path("assessments/<int:pk>/", self_assessment.self_assessment, name="self_assessment"),
    path("assessments/<int:pk>/submit/", self_assessment.self_assessment_submit, name="self_assessment_submit"),
    path(
        "assessments/<int:pk>/criteria/<int:number>/",
        self_assessment.self_assessment_criterion,
        name="self_assessment_criterion",
    ),
    path("assessments/<int:pk>/criteria/<int:number>/evidence/", evidence.evidence_add, name="evidence_add"),
    path("assessments/evidence/<int:pk>/", evidence.evidence_file, name="evidence"),
    path("assessments/evidence/<int:pk>/delete/", evidence.evidence_delete, name="evidence_delete"),
    path("reviews/", queue.review_queue, name="review_queue"),
    path("reviews/<int:pk>/", review.review, name="review"),
    path("reviews/<int:pk>/criteria/<int:number>/", review.review_verdict, name="review_verdict"),
    path("reviews/<int:pk>/criteria/<int:number>/return/", review.review_pick, name="review_pick"),
    path("reviews/<int:pk>/return/", review.review_return, name="review_return"),
    path("reviews/<int:pk>/agree/", review.review_agree, name="review_agree"),
    path("reviews/<int:pk>/recognise/", review.review_recognise, name="review_recognise"),
    path("reviews/<int:pk>/revoke/", second_approval.review_revoke, name="review_revoke"),
    path("second-approvals/<int:pk>/confirm/", second_approval.second_approval_confirm, name="second_approval_confirm"),
    path("second-approvals/<int:pk>/decline/", second_approval.second_approval_decline, name="second_approval_decline"),
    path(
        "second-approvals/<int:pk>/withdraw/", second_approval.second_approval_withdraw, name="second_approval_withdraw"
    ),
]
