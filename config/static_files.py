"""Static files without the parts of npm packages that no page uses."""

from django.contrib.staticfiles.apps import StaticFilesConfig


class UsedStaticFiles(StaticFilesConfig):
    """Collects Tabler's one style sheet, htmx itself and the middle size of ECharts; their many variants stay behind."""

    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        *("tabler-*", "tabler.rtl*", "tabler.css*"),
        *("ext", "htmx.amd.js", "htmx.cjs.js", "htmx.esm.*", "htmx.js"),
        *(
            "echarts.js",
            "echarts.min.js",
            "echarts.esm.*",
            "echarts.simple.*",
            "echarts.common.js",
            "echarts*.map",
            "extension",
            "package.json",
        ),
    ]
