"""Addresses of this room."""

from django.urls import path

from apps.assessments.views import (
    bulk_agreement,
    claims,
    evidence,
    opinions,
    queue,
    review,
    second_approval,
    self_assessment,
    site_visits,
)

urlpatterns = [
    path("assessments/", self_assessment.self_assessment_list, name="self_assessment_list"),
    path("assessments/open/<int:pk>/", self_assessment.self_assessment_open, name="self_assessment_open"),
    path("assessments/<int:pk>/", self_assessment.self_assessment, name="self_assessment"),
    path("assessments/<int:pk>/confirm/", self_assessment.self_assessment_confirm, name="self_assessment_confirm"),
    path("assessments/<int:pk>/news/", self_assessment.self_assessment_news, name="self_assessment_news"),
    path("assessments/<int:pk>/cards/", self_assessment.self_assessment_cards, name="self_assessment_cards"),
    path("assessments/<int:pk>/recall/", claims.self_assessment_recall, name="self_assessment_recall"),
    path("assessments/<int:pk>/submit/", self_assessment.self_assessment_submit, name="self_assessment_submit"),
    path(
        "assessments/<int:pk>/criteria/<int:number>/",
        self_assessment.self_assessment_criterion,
        name="self_assessment_criterion",
    ),
    path("assessments/<int:pk>/criteria/<int:number>/evidence/", evidence.evidence_add, name="evidence_add"),
    path(
        "assessments/<int:pk>/criteria/<int:number>/evidence/choose/", evidence.evidence_choose, name="evidence_choose"
    ),
    path("assessments/<int:pk>/evidence/", evidence.evidence_list, name="evidence_list"),
    path("assessments/evidence/<int:pk>/", evidence.evidence_file, name="evidence"),
    path("assessments/evidence/<int:pk>/caption/", evidence.evidence_caption, name="evidence_caption"),
    path("assessments/evidence/<int:pk>/rotate/", evidence.evidence_rotate, name="evidence_rotate"),
    path("assessments/evidence/<int:pk>/delete/", evidence.evidence_delete, name="evidence_delete"),
    path("reviews/", queue.review_queue, name="review_queue"),
    path("reviews/claim-next/", queue.review_claim_next, name="review_claim_next"),
    path("reviews/bulk/", bulk_agreement.review_bulk, name="review_bulk"),
    path("reviews/bulk/agree/", bulk_agreement.review_bulk_agree, name="review_bulk_agree"),
    path("reviews/bulk/result/", bulk_agreement.review_bulk_result, name="review_bulk_result"),
    path("reviews/<int:pk>/", review.review, name="review"),
    path("reviews/<int:pk>/claim/", claims.review_claim, name="review_claim"),
    path("reviews/<int:pk>/release/", claims.review_release, name="review_release"),
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
    path("reviews/<int:pk>/visits/new/", site_visits.site_visit_add, name="site_visit_add"),
    path("reviews/<int:pk>/visits/blank/", site_visits.site_visit_blank, name="site_visit_blank"),
    path("reviews/<int:pk>/visits/<int:visit>/", site_visits.site_visit, name="site_visit"),
    path("reviews/<int:pk>/visits/<int:visit>/delete/", site_visits.site_visit_delete, name="site_visit_delete"),
    path("reviews/<int:pk>/visits/<int:visit>/photos/", site_visits.site_visit_photos, name="site_visit_photos"),
    path("reviews/<int:pk>/visits/<int:visit>/print/", site_visits.site_visit_print, name="site_visit_print"),
    path("opinions/", opinions.opinion_list, name="opinion_list"),
    path("opinions/<int:pk>/", opinions.opinion, name="opinion"),
    path("opinions/<int:pk>/sections/<int:number>/", opinions.opinion_save, name="opinion_save"),
]
