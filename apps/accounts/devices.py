"""A browser's own description of itself, in words that people know."""

import re

# The first that fits: most browsers also name those that they descend from.
_BROWSERS = [
    (r"MicroMessenger/", "微信"),
    (r"DingTalk", "钉钉"),
    (r"Edg(e|A|iOS)?/(?P<v>\d+)", "Edge 浏览器"),
    (r"QQBrowser/(?P<v>\d+)", "QQ 浏览器"),
    (r"360(SE|EE|Browser)", "360 浏览器"),
    (r"QaxBrowser", "奇安信浏览器"),
    (r"Firefox/(?P<v>\d+)", "Firefox 浏览器"),
    (r"(Chrome|CriOS)/(?P<v>\d+)", "Chrome 浏览器"),
    (r"Version/(?P<v>\d+).*Safari/", "Safari 浏览器"),
    (r"MSIE |Trident/", "IE 浏览器"),
]
_SYSTEMS = [
    (r"HarmonyOS|OpenHarmony", "鸿蒙"),
    (r"iPhone", "iPhone"),
    (r"iPad", "iPad"),
    (r"Android (?P<v>\d+)|Android", "安卓"),
    (r"Windows NT 10", "Windows 10 或 11"),
    (r"Windows NT 6\.1", "Windows 7"),
    (r"Windows", "Windows"),
    (r"Mac OS X", "macOS"),
    (r"UOS|UnionTech", "统信 UOS"),
    (r"Kylin", "银河麒麟"),
    (r"Linux|X11", "Linux"),
]


def device_words(user_agent: str) -> str:
    """Return browser and system, as far as they are known: ``Edge 浏览器 120，Windows 10 或 11``."""
    found = [words for words in (_first(_BROWSERS, user_agent), _first(_SYSTEMS, user_agent)) if words]
    return "，".join(found) or user_agent[:60] or "未知设备"


def _first(table: list[tuple[str, str]], text: str) -> str:
    for pattern, words in table:
        match = re.search(pattern, text)
        if match:
            version = match.groupdict().get("v")
            return f"{words} {version}" if version else words
    return ""
