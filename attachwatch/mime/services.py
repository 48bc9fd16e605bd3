"""Where files are left for others to fetch, and what wraps the links to them: one line for each, as data.

A service has patterns of hosts (`*` is any run of characters), and a regular expression that the path of its links to
files begins to match with; an empty one means that its hosts serve nothing else. `but` are hosts and paths that lead
to its own website, its help or its forms.
"""

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

FILE_NAME = (
    r"\.(?:pdf|docx?|docm|xls[xmb]?|pptx?|od[tsp]|rtf|txt|csv|zip|7z|rar|msg|eml|tiff?|jpe?g|png|html?|mp[34])\b"
)


@dataclass(frozen=True, slots=True)
class Service:
    name: str
    hosts: tuple[str, ...]
    files: re.Pattern[str]
    but: tuple[str, ...] = ()

    def serves(self, host: str) -> bool:
        return is_one_of(host, self.hosts) and not is_one_of(host, self.but)


@dataclass(frozen=True, slots=True)
class Wrapper:
    """What replaces a link by its own: the target stands in a parameter of the query, whole or as a bare host."""

    hosts: tuple[str, ...]
    parameter: str
    is_host: bool = False


def is_one_of(host: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(host, pattern) for pattern in patterns)


def _service(name: str, hosts: str, files: str = "", but: str = "") -> Service:
    return Service(name, tuple(hosts.split()), re.compile(files, re.IGNORECASE), tuple(but.split()))


_SHAREPOINT = (
    rf"/:[a-z]:/|/personal/.+/documents|.*(guestaccess|/_layouts/15/(download|onedrive|doc|wopiframe))"
    rf"|.*(?<!\.aspx){FILE_NAME}$"
)

SERVICES = (
    _service("OneDrive", "*-my.sharepoint.com *-my.sharepoint.us *-my.sharepoint.cn", _SHAREPOINT),
    _service("SharePoint", "*.sharepoint.com *.sharepoint.us *.sharepoint.cn", _SHAREPOINT),
    _service("OneDrive", "1drv.ms onedrive.live.com onedrive.com d.docs.live.net"),
    _service("Google Drive", "drive.google.com drive.usercontent.google.com", "/(file|drive|open|uc|a|download)\\b"),
    _service(
        "Google Docs",
        "docs.google.com sheets.google.com",
        "/(a/[^/]+/)?(document|spreadsheets|presentation|file|uc)\\b",
    ),
    _service("WeTransfer", "we.tl"),
    _service("WeTransfer", "wetransfer.com *.wetransfer.com", "/(downloads|dl|t)/"),
    _service("Dropbox", "dropbox.com *.dropbox.com", "/(s|sh|scl|t|l|transfer)/"),
    _service("Dropbox", "db.tt dl.dropboxusercontent.com"),
    _service("Mimecast", "*.mimecast.com", but="www.* community.* *protect* support.* info.* login.*"),
    _service("Egress", "*.egress.com *.egresscloud.com", but="www.* support.* pages.* info.* defend.* egress.com"),
    _service("Galaxkey", "*.galaxkey.com *.galaxkey.org", but="www.* support.* help.*"),
    _service("ShareFile", "*.sharefile.com *.sharefile.eu *.sharefile.co", "/(d-|d/|share/|app/|home/shared)", "www.*"),
    _service("Cryptshare", "cryptshare.* *-cryptshare.* *.cryptshare.com *.cryptshare.express", but="www.*"),
    _service(
        "Kiteworks",
        "kiteworks.* *.kiteworks.com *.accellion.com *.accellion.net *.accellion.eu accellion.*",
        "/(w|s|courier|seos|mail)/|.*(download|token)",
        "www.*",
    ),
    _service(
        "Objective Connect", "*.objectiveconnect.com *.objectiveconnect.co.uk *.objectiveconnect.com.au", "", "www.*"
    ),
    _service("Box", "box.com *.box.com", "/(s|v|file|folder|shared|notes)/", "www.* support.* help.*"),
    _service("Box", "*.boxcloud.com"),
    _service("iCloud", "icloud.com *.icloud.com", "/(attachment|iclouddrive|photos|keynote|pages|numbers)"),
    _service("iCloud", "*.icloud-content.com"),
    _service("Proofpoint", "securemail*.pphosted.com *.securemail.proofpoint.com secure-mail.proofpoint.com"),
    _service("Zix", "*.zixmessagecenter.com *.zixmail.net *.zixport.com *.zixcorp.com", but="www.*"),
    _service("Cisco Secure Email", "res.cisco.com *.res.cisco.com"),
    _service("Microsoft Purview", "outlook.office365.com outlook.office.com", "/encryption/"),
    _service("Barracuda", "encrypt.barracudanetworks.com *.encrypt.barracudanetworks.com"),
    _service("Virtru", "secure.virtru.com"),
    _service("Trend Micro", "*.encryption.trendmicro.com privatepost.*"),
    _service("Sophos", "secure.*.sophos.com"),
    _service("FTAPI", "*.ftapi.com", but="www.* docs.*"),
    _service("Quatrix", "*.quatrix.it"),
    _service("Huddle", "*.huddle.com *.huddle.net", "/(workspace|document|file|v2)", "www.*"),
    _service("Tresorit", "web.tresorit.com send.tresorit.com"),
    _service("Smash", "fromsmash.com *.fromsmash.com", "/."),
    _service("SwissTransfer", "www.swisstransfer.com swisstransfer.com", "/d/"),
    _service("TransferNow", "www.transfernow.net transfernow.net", "/(dl|en/bld|bld)/"),
    _service("Filemail", "*.filemail.com filemail.com", "/[dt]/"),
    _service("Hightail", "*.hightail.com", "/(download|receive|space|u)/"),
    _service("Mega", "mega.nz mega.io", "/(file|folder|#)"),
    _service("pCloud", "*.pcloud.link *.pcloud.com", "/publink|/show"),
    _service("MOVEit", "moveit.* moveit*.*", ".*(human\\.aspx|guestaccess|package|download)"),
    _service("FranceTransfert", "francetransfert.numerique.gouv.fr"),
    _service("Nextcloud", "*", "(/[^/]+)?(/index\\.php)?/s/[A-Za-z0-9]{15}(/download)?/?$"),
    _service("Cryptshare", "*", ".*/?download1\\.action"),
    _service("Kiteworks", "*", "/courier/web/1000@"),
    _service("LiquidFiles", "liquidfiles.* *.liquidfiles.*", "/(message|link|get)"),
)

WRAPPERS = (
    Wrapper(
        ("*.safelinks.protection.outlook.com", "*.safelinks.protection.office365.us", "*.safelinks.o365.cn"), "url"
    ),
    Wrapper(("urldefense.proofpoint.com", "urldefense.com", "urldefense.us"), "u"),
    Wrapper(("protect*.mimecast.com", "url*.mimecastprotect.com", "*.mimecastprotect.com"), "domain", is_host=True),
    Wrapper(("linkprotect.cudasvc.com",), "a"),
    Wrapper(("*.protection.sophos.com",), "d", is_host=True),
    Wrapper(("*.trendmicro.com", "*.tmase.com"), "url"),
    Wrapper(("www.google.*",), "q"),
    Wrapper(("l.facebook.com",), "u"),
)

# Where everybody may look things up, and where people are counted, asked and met: nothing there stands for a file.
WEBSITES = (
    "www.gov.uk",
    "gov.uk",
    "assets.publishing.service.gov.uk",
    "www.legislation.gov.uk",
    "www.parliament.uk",
    "ico.org.uk",
    "*.ico.org.uk",
    "www.whatdotheyknow.com",
    "www.asktheeu.org",
    "fragdenstaat.de",
    "*.europa.eu",
    "*.wikipedia.org",
    "*facebook.com",
    "*twitter.com",
    "x.com",
    "*linkedin.com",
    "*instagram.com",
    "*youtube.com",
    "youtu.be",
    "*tiktok.com",
    "*flickr.com",
    "*surveymonkey.*",
    "*smartsurvey.*",
    "*qualtrics.com",
    "forms.office.com",
    "forms.microsoft.com",
    "forms.gle",
    "*typeform.com",
    "*snapsurveys.com",
    "*govdelivery.com",
    "*granicus.com",
    "*mailchimp.com",
    "*list-manage.com",
    "*eventbrite.*",
    "teams.microsoft.com",
    "teams.live.com",
    "*zoom.us",
    "*webex.com",
    "meet.google.com",
    "aka.ms",
    "get.adobe.com",
    "*adobe.com",
    "apps.apple.com",
    "itunes.apple.com",
    "play.google.com",
    "*microsoft.com",
    "support.google.com",
    "maps.google.*",
    "maps.app.goo.gl",
    "what3words.com",
)
