"""People belong to a bureau; contacts, invitations, security policies, records of access; histories."""

import django.contrib.auth.validators
import django.db.models.deletion
import django.utils.timezone
import pghistory.utils
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import apps.core.clock


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("jurisdictions", "0002_history"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccessEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "path",
                    models.CharField(
                        db_collation="C", db_default="", editable=False, max_length=60, verbose_name="辖区路径"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("signed_in", "登录"),
                            ("signed_out", "退出"),
                            ("sign_in_failed", "登录失败"),
                            ("locked_out", "登录被暂停"),
                            ("idled_out", "超时退出"),
                            ("session_ended", "结束其他登录"),
                            ("password_changed", "修改密码"),
                            ("two_factor_added", "启用两步验证"),
                            ("two_factor_removed", "停用两步验证"),
                            ("recovery_codes", "生成恢复码"),
                            ("linked", "绑定统一身份认证"),
                            ("membership_switched", "切换任职"),
                            ("granted", "授予任职"),
                            ("ended", "免去任职"),
                            ("invited", "邀请人员"),
                            ("code_shown", "查看激活凭证"),
                            ("activated", "激活账号"),
                            ("reset", "重置登录"),
                            ("suspended", "停用账号"),
                            ("resumed", "恢复账号"),
                            ("handed_over", "移交待办"),
                            ("erased", "删除联系方式"),
                            ("exported", "导出"),
                            ("downloaded", "下载"),
                            ("refused", "没有权限被拒"),
                        ],
                        max_length=30,
                        verbose_name="事项",
                    ),
                ),
                ("name", models.CharField(max_length=150, verbose_name="姓名")),
                ("unit", models.CharField(blank=True, max_length=100, verbose_name="任职单位")),
                (
                    "role",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("platform_admin", "平台管理员"),
                            ("bureau_admin", "单位管理员"),
                            ("staff", "经办人"),
                            ("approver", "审批人"),
                            ("street_officer", "街道经办"),
                            ("department_reviewer", "部门审核"),
                            ("viewer", "查看"),
                        ],
                        max_length=30,
                        verbose_name="角色",
                    ),
                ),
                ("subject", models.CharField(blank=True, max_length=300, verbose_name="对象")),
                ("address", models.GenericIPAddressField(null=True, verbose_name="地址")),
                ("request_id", models.UUIDField(null=True, verbose_name="请求")),
                ("at", models.DateTimeField(verbose_name="时间")),
            ],
            options={
                "verbose_name": "访问记录",
                "verbose_name_plural": "访问记录",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "path",
                    models.CharField(
                        db_collation="C", db_default="", editable=False, max_length=60, verbose_name="辖区路径"
                    ),
                ),
                ("office", models.CharField(blank=True, max_length=50, verbose_name="科室")),
                ("office_phone", models.CharField(blank=True, max_length=30, verbose_name="办公电话")),
                ("email", models.EmailField(blank=True, max_length=100, verbose_name="电子邮箱")),
            ],
            options={
                "verbose_name": "联系方式",
                "verbose_name_plural": "联系方式",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ContactEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_context", pghistory.utils.JSONField(null=True)),
                ("pgh_context_id", models.UUIDField(null=True)),
                ("id", models.BigIntegerField()),
                (
                    "path",
                    models.CharField(
                        db_collation="C", db_default="", editable=False, max_length=60, verbose_name="辖区路径"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "path",
                    models.CharField(
                        db_collation="C", db_default="", editable=False, max_length=60, verbose_name="辖区路径"
                    ),
                ),
                ("code_hash", models.CharField(max_length=64, null=True, unique=True, verbose_name="凭证摘要")),
                ("issued_at", models.DateTimeField(verbose_name="发放时间")),
                ("expires_at", models.DateTimeField(verbose_name="有效期至")),
                ("used_at", models.DateTimeField(blank=True, null=True, verbose_name="使用时间")),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True, verbose_name="作废时间")),
            ],
            options={
                "verbose_name": "激活凭证",
                "verbose_name_plural": "激活凭证",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="InvitationEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_context", pghistory.utils.JSONField(null=True)),
                ("pgh_context_id", models.UUIDField(null=True)),
                ("id", models.BigIntegerField()),
                (
                    "path",
                    models.CharField(
                        db_collation="C", db_default="", editable=False, max_length=60, verbose_name="辖区路径"
                    ),
                ),
                ("issued_at", models.DateTimeField(verbose_name="发放时间")),
                ("expires_at", models.DateTimeField(verbose_name="有效期至")),
                ("used_at", models.DateTimeField(blank=True, null=True, verbose_name="使用时间")),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True, verbose_name="作废时间")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="MembershipEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_context", pghistory.utils.JSONField(null=True)),
                ("pgh_context_id", models.UUIDField(null=True)),
                ("id", models.BigIntegerField()),
                (
                    "path",
                    models.CharField(
                        db_collation="C", db_default="", editable=False, max_length=60, verbose_name="辖区路径"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("platform_admin", "平台管理员"),
                            ("bureau_admin", "单位管理员"),
                            ("staff", "经办人"),
                            ("approver", "审批人"),
                            ("street_officer", "街道经办"),
                            ("department_reviewer", "部门审核"),
                            ("viewer", "查看"),
                        ],
                        max_length=30,
                        verbose_name="角色",
                    ),
                ),
                ("created_at", models.DateTimeField(default=apps.core.clock.now, verbose_name="授予时间")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="SecurityPolicy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "path",
                    models.CharField(
                        db_collation="C", db_default="", editable=False, max_length=60, verbose_name="辖区路径"
                    ),
                ),
                ("requires_two_factor", models.BooleanField(default=False, verbose_name="审批人和管理员须两步验证")),
            ],
            options={
                "verbose_name": "安全要求",
                "verbose_name_plural": "安全要求",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="SecurityPolicyEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_context", pghistory.utils.JSONField(null=True)),
                ("pgh_context_id", models.UUIDField(null=True)),
                ("id", models.BigIntegerField()),
                (
                    "path",
                    models.CharField(
                        db_collation="C", db_default="", editable=False, max_length=60, verbose_name="辖区路径"
                    ),
                ),
                ("requires_two_factor", models.BooleanField(default=False, verbose_name="审批人和管理员须两步验证")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="UserEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_context", pghistory.utils.JSONField(null=True)),
                ("pgh_context_id", models.UUIDField(null=True)),
                ("id", models.BigIntegerField()),
                (
                    "path",
                    models.CharField(
                        db_collation="C", db_default="", editable=False, max_length=60, verbose_name="辖区路径"
                    ),
                ),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "username",
                    models.CharField(
                        error_messages={"unique": "A user with that username already exists."},
                        help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                        max_length=150,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                        verbose_name="username",
                    ),
                ),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False,
                        help_text="Designates whether the user can log into this admin site.",
                        verbose_name="staff status",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                        verbose_name="active",
                    ),
                ),
                ("date_joined", models.DateTimeField(default=django.utils.timezone.now, verbose_name="date joined")),
                ("display_name", models.CharField(max_length=50, verbose_name="姓名")),
                ("must_change_password", models.BooleanField(default=False, verbose_name="下次登录须改密码")),
                ("departed_at", models.DateTimeField(blank=True, null=True, verbose_name="离岗时间")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AlterModelManagers(name="user", managers=[]),
        migrations.RemoveField(
            model_name="user",
            name="email",
        ),
        migrations.AddField(
            model_name="user",
            name="departed_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="离岗时间"),
        ),
        migrations.AddField(
            model_name="user",
            name="jurisdiction",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="people",
                to="jurisdictions.jurisdiction",
                verbose_name="所属单位",
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="must_change_password",
            field=models.BooleanField(default=False, verbose_name="下次登录须改密码"),
        ),
        migrations.AddField(
            model_name="user",
            name="path",
            field=models.CharField(
                db_collation="C", db_default="", editable=False, max_length=60, verbose_name="辖区路径"
            ),
        ),
        migrations.AlterField(
            model_name="membership",
            name="created_at",
            field=models.DateTimeField(default=apps.core.clock.now, verbose_name="授予时间"),
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(fields=["path"], name="user_path"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="membership",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "accounts_membershipevent" ("created_at", "id", "jurisdiction_id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "user_id") VALUES (NEW."created_at", NEW."id", NEW."jurisdiction_id", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."role", NEW."user_id"); RETURN NULL;',
                    hash="2ae9373557b4c49fe897703e71b69255c3911110",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_fc05a",
                    table="accounts_membership",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="membership",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "accounts_membershipevent" ("created_at", "id", "jurisdiction_id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "user_id") VALUES (NEW."created_at", NEW."id", NEW."jurisdiction_id", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."role", NEW."user_id"); RETURN NULL;',
                    hash="01b3dbab0de4485bbd9e9db4a4f535e431a9e9bf",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_20ab5",
                    table="accounts_membership",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="membership",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "accounts_membershipevent" ("created_at", "id", "jurisdiction_id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "user_id") VALUES (OLD."created_at", OLD."id", OLD."jurisdiction_id", OLD."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."role", OLD."user_id"); RETURN NULL;',
                    hash="a7ae511d6c06c2f083a8e857e90975d988049450",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_19a8f",
                    table="accounts_membership",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="user",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "accounts_userevent" ("date_joined", "departed_at", "display_name", "id", "is_active", "is_staff", "is_superuser", "jurisdiction_id", "must_change_password", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "username") VALUES (NEW."date_joined", NEW."departed_at", NEW."display_name", NEW."id", NEW."is_active", NEW."is_staff", NEW."is_superuser", NEW."jurisdiction_id", NEW."must_change_password", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."username"); RETURN NULL;',
                    hash="f4d20c39b9105a590352526ed32bf0f80a260501",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_3867c",
                    table="accounts_user",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="user",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."date_joined" IS DISTINCT FROM (NEW."date_joined") OR OLD."departed_at" IS DISTINCT FROM (NEW."departed_at") OR OLD."display_name" IS DISTINCT FROM (NEW."display_name") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."is_active" IS DISTINCT FROM (NEW."is_active") OR OLD."is_staff" IS DISTINCT FROM (NEW."is_staff") OR OLD."is_superuser" IS DISTINCT FROM (NEW."is_superuser") OR OLD."jurisdiction_id" IS DISTINCT FROM (NEW."jurisdiction_id") OR OLD."must_change_password" IS DISTINCT FROM (NEW."must_change_password") OR OLD."password" IS DISTINCT FROM (NEW."password") OR OLD."path" IS DISTINCT FROM (NEW."path") OR OLD."username" IS DISTINCT FROM (NEW."username"))',
                    func='INSERT INTO "accounts_userevent" ("date_joined", "departed_at", "display_name", "id", "is_active", "is_staff", "is_superuser", "jurisdiction_id", "must_change_password", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "username") VALUES (NEW."date_joined", NEW."departed_at", NEW."display_name", NEW."id", NEW."is_active", NEW."is_staff", NEW."is_superuser", NEW."jurisdiction_id", NEW."must_change_password", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."username"); RETURN NULL;',
                    hash="b9be17cce9c69db234828ebdac4bcbc10c4c8880",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_0e890",
                    table="accounts_user",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="user",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "accounts_userevent" ("date_joined", "departed_at", "display_name", "id", "is_active", "is_staff", "is_superuser", "jurisdiction_id", "must_change_password", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "username") VALUES (OLD."date_joined", OLD."departed_at", OLD."display_name", OLD."id", OLD."is_active", OLD."is_staff", OLD."is_superuser", OLD."jurisdiction_id", OLD."must_change_password", OLD."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."username"); RETURN NULL;',
                    hash="05652367ed2eeebbf7c3d6b2f4985b8fe5278b6c",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_19f14",
                    table="accounts_user",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="accessevent",
            name="jurisdiction",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="jurisdictions.jurisdiction",
                verbose_name="辖区",
            ),
        ),
        migrations.AddField(
            model_name="accessevent",
            name="user",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="用户",
            ),
        ),
        migrations.AddField(
            model_name="contact",
            name="user",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="contact",
                to=settings.AUTH_USER_MODEL,
                verbose_name="用户",
            ),
        ),
        migrations.AddField(
            model_name="contactevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                to="accounts.contact",
            ),
        ),
        migrations.AddField(
            model_name="contactevent",
            name="user",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="用户",
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="issued_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="发放人",
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="invitations",
                to=settings.AUTH_USER_MODEL,
                verbose_name="用户",
            ),
        ),
        migrations.AddField(
            model_name="invitationevent",
            name="issued_by",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="发放人",
            ),
        ),
        migrations.AddField(
            model_name="invitationevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                to="accounts.invitation",
            ),
        ),
        migrations.AddField(
            model_name="invitationevent",
            name="user",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="用户",
            ),
        ),
        migrations.AddField(
            model_name="membershipevent",
            name="jurisdiction",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="jurisdictions.jurisdiction",
                verbose_name="辖区",
            ),
        ),
        migrations.AddField(
            model_name="membershipevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                to="accounts.membership",
            ),
        ),
        migrations.AddField(
            model_name="membershipevent",
            name="user",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="用户",
            ),
        ),
        migrations.AddField(
            model_name="securitypolicy",
            name="jurisdiction",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="security_policy",
                to="jurisdictions.jurisdiction",
                verbose_name="辖区",
            ),
        ),
        migrations.AddField(
            model_name="securitypolicyevent",
            name="jurisdiction",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="jurisdictions.jurisdiction",
                verbose_name="辖区",
            ),
        ),
        migrations.AddField(
            model_name="securitypolicyevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                to="accounts.securitypolicy",
            ),
        ),
        migrations.AddField(
            model_name="userevent",
            name="jurisdiction",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="jurisdictions.jurisdiction",
                verbose_name="所属单位",
            ),
        ),
        migrations.AddField(
            model_name="userevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="accessevent",
            index=models.Index(fields=["path"], name="accessevent_path"),
        ),
        migrations.AddIndex(
            model_name="accessevent",
            index=models.Index(fields=["at"], name="access_event_at"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["path"], name="contact_path"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contact",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "accounts_contactevent" ("id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "user_id") VALUES (NEW."id", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."user_id"); RETURN NULL;',
                    hash="2365e8fbdb70f7e9ef731664a2aab1a9435fdb94",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_89558",
                    table="accounts_contact",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contact",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "accounts_contactevent" ("id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "user_id") VALUES (NEW."id", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."user_id"); RETURN NULL;',
                    hash="026f3d60965d77ebf03efb51649ee5b36c10f0ce",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_15daf",
                    table="accounts_contact",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contact",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "accounts_contactevent" ("id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "user_id") VALUES (OLD."id", OLD."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."user_id"); RETURN NULL;',
                    hash="e6a11e7457bed7da062362142df759bbad3537df",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_115a7",
                    table="accounts_contact",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="invitation",
            index=models.Index(fields=["path"], name="invitation_path"),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("used_at__isnull", True), ("withdrawn_at__isnull", True)),
                fields=("user",),
                name="invitation_open_once",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="invitation",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "accounts_invitationevent" ("expires_at", "id", "issued_at", "issued_by_id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "used_at", "user_id", "withdrawn_at") VALUES (NEW."expires_at", NEW."id", NEW."issued_at", NEW."issued_by_id", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."used_at", NEW."user_id", NEW."withdrawn_at"); RETURN NULL;',
                    hash="4fc2c46d0ce848f7c1f44fc97c526c97c4d6bad4",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_8c354",
                    table="accounts_invitation",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="invitation",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "accounts_invitationevent" ("expires_at", "id", "issued_at", "issued_by_id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "used_at", "user_id", "withdrawn_at") VALUES (NEW."expires_at", NEW."id", NEW."issued_at", NEW."issued_by_id", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."used_at", NEW."user_id", NEW."withdrawn_at"); RETURN NULL;',
                    hash="85181077968afbc637e9ad608944778dd92f99d7",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_4e12d",
                    table="accounts_invitation",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="invitation",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "accounts_invitationevent" ("expires_at", "id", "issued_at", "issued_by_id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "used_at", "user_id", "withdrawn_at") VALUES (OLD."expires_at", OLD."id", OLD."issued_at", OLD."issued_by_id", OLD."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."used_at", OLD."user_id", OLD."withdrawn_at"); RETURN NULL;',
                    hash="76cc994e57dc77bc97a0f0a04ddd31174dbd5ad8",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_f2c14",
                    table="accounts_invitation",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="securitypolicy",
            index=models.Index(fields=["path"], name="securitypolicy_path"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="securitypolicy",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "accounts_securitypolicyevent" ("id", "jurisdiction_id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "requires_two_factor") VALUES (NEW."id", NEW."jurisdiction_id", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."requires_two_factor"); RETURN NULL;',
                    hash="14cea21e83a2d5d5a5798db9bfca49963c7f90f5",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_06cd7",
                    table="accounts_securitypolicy",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="securitypolicy",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "accounts_securitypolicyevent" ("id", "jurisdiction_id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "requires_two_factor") VALUES (NEW."id", NEW."jurisdiction_id", NEW."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."requires_two_factor"); RETURN NULL;',
                    hash="6b5a71f6cd1103091e76aa5d696c39fafb534f7e",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_05377",
                    table="accounts_securitypolicy",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="securitypolicy",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "accounts_securitypolicyevent" ("id", "jurisdiction_id", "path", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "requires_two_factor") VALUES (OLD."id", OLD."jurisdiction_id", OLD."path", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."requires_two_factor"); RETURN NULL;',
                    hash="9c0367cc0e871d95ca693bbbd3f699f3b3f62689",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_a89e0",
                    table="accounts_securitypolicy",
                    when="AFTER",
                ),
            ),
        ),
    ]
