"""Settings of the REST API: how often it may be asked, its parts, and what its document says."""

from typing import Any

from environs import Env

env = Env()

# How often the REST API may be asked: by one token, from one address, and from one address without a good token.
API_RATES: dict[str, str | None] = {
    "token": env.str("API_RATE_TOKEN", "600/min"),
    "address": env.str("API_RATE_ADDRESS", "3000/min"),
    "refused": "60/min",
}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["apps.accounts.api.authentication.ByToken"],
    "DEFAULT_PERMISSION_CLASSES": ["apps.accounts.api.authentication.WithinToken"],
    "DEFAULT_THROTTLE_CLASSES": [
        f"apps.accounts.api.authentication.{one}" for one in ("PerToken", "PerAddress", "RefusedPerAddress")
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["apps.core.api.parsers.CleanJson"],
    "DEFAULT_PAGINATION_CLASS": "apps.core.api.lists.ByCursor",
    "DEFAULT_FILTER_BACKENDS": ["apps.core.api.lists.StrictFilters"],
    "DEFAULT_SCHEMA_CLASS": "apps.core.api.schema.ApiSchema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "apps.core.api.problems.answer_problem",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "绿色社区创建管理平台接口",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_NO_READ_ONLY_REQUIRED": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "apps.core.api.schema.add_problems",
    ],
    "AUTHENTICATION_WHITELIST": [],
    # Names of choices that would otherwise be called by their field, which several have.
    "ENUM_NAME_OVERRIDES": {
        "Level": "apps.jurisdictions.models.Level",
        "DivisionKind": "apps.jurisdictions.models.Jurisdiction.Kind",
        "StandardKind": "apps.standards.models.Standard.Kind",
        "StandardStatus": "apps.standards.models.Standard.Status",
        "RuleKind": "apps.standards.models.DeductionRule.Kind",
        "Rounding": "apps.standards.models.DeductionRule.Rounding",
        "CampaignStatus": "apps.campaigns.models.Campaign.Status",
        "MilestoneKind": "apps.campaigns.models.Milestone.Kind",
        "TargetKind": "apps.campaigns.models.Target.Kind",
        "Stage": "apps.campaigns.models.Participation.Stage",
        "AssessmentStatus": "apps.assessments.models.Assessment.Status",
        "Verdict": "apps.assessments.models.CriterionResult.Verdict",
        "ReviewKind": "apps.assessments.models.ReviewAction.Kind",
        "FilingStatus": "apps.filings.models.Filing.Status",
        "ObligationState": "apps.filings.obligations.State",
        "EvaluationStatus": "apps.evaluations.models.AnnualEvaluation.Status",
        "EvaluationStepKind": "apps.evaluations.models.EvaluationStep.Kind",
        "ExportKind": "apps.reports.registry.choices",
        "ExportStatus": "apps.reports.models.ExportJob.Status",
    },
    "APPEND_COMPONENTS": {
        "securitySchemes": {
            "token": {"type": "http", "scheme": "bearer", "description": "接口令牌，见“我的账号 → 接口令牌”。"}
        }
    },
    "SECURITY": [{"token": []}],
    "DESCRIPTION": "单位的其他系统凭接口令牌读取、办理页面上的事项，权限、辖区和规则一样。",
    "TAGS": [
        {"name": name, "description": words}
        for name, words in {
            "divisions": "行政区划",
            "communities": "社区和社区基本情况",
            "standards": "创建标准",
            "campaigns": "创建行动",
            "targets": "创建目标",
            "participations": "参与创建（年度创建计划）",
            "assessments": "自评和审核",
            "evidence": "佐证材料",
            "reviews": "审核记录",
            "recognitions": "绿色社区认定",
            "progress": "进展",
            "obligations": "报送事项",
            "filings": "报送件",
            "evaluations": "年度总结评估报告",
            "exports": "导出",
        }.items()
    ],
}
