"""The words by which emails say that a file is elsewhere or was taken away, and those that are of something else.

English, German and French. Runs are bounded, so that no text takes long.
"""

import re

from attachwatch.mime.services import FILE_NAME
from attachwatch.patterns import Pattern

_FILES = (
    r"(?:files?|documents?|documentation|attachments?|annex(?:e?s)?|appendi(?:x|ces)|enclosures?|schedules?|records|"
    r"folders?|bundle|disclosures?|material|e-?mails|correspondence|spreadsheets?|pdfs?|zip|footage|recordings?|"
    r"photographs|your (?:\w+ )?response|messages? with (?:an |\d+ )?attachments?|"
    r"(?:information|data|response) (?:that |which )?(?:you|we)(?: have| are)? (?:re?quest|ask|release|provid|"
    r"disclos)\w*|"
    r"(?:requested|encrypted|secure) (?:information|data|messages?|e-?mails?)|"
    r"dateien?|datei|unterlagen|dokumente?n?|anlagen?|anh\u00e4nge|akten?|"
    r"fichiers?|pi\u00e8ces?(?: jointes?)?|annexes?|dossiers?)"
)
_FETCH = (
    r"(?:download(?:s|ed|ing|able)?|access(?:ed|ing|ible)?|view(?:ed|ing)?|open(?:ed|ing)?|retriev(?:e|ed|ing|al)|"
    r"collect(?:ed|ing)?|get|see|read|find|found|obtain(?:ed)?|available|shared?|sharing|sent|send(?:ing)?|"
    r"transfer(?:red)?|ready|"
    r"uploaded|placed|saved|stored|provided|supplied|released|disclosed|enclos(?:e|ed|ing)|fetch(?:ed)?|held|attached|"
    r"(?:herunter|runter)(?:laden|geladen)|abrufen|abgerufen|abrufbar|bereitgestellt|bereit|verf\u00fcgbar|einsehen|"
    r"t\u00e9l\u00e9charg\w+|acc\u00e9d\w+|accessibles?|disponibles?|consult\w+|partag\w+|d\u00e9pos\w+|"
    r"r\u00e9cup\u00e9r\w+|disposition)"
)
FILES_NAMED = Pattern(rf"\b{_FILES}\b", re.IGNORECASE)
REFERS_BACK = Pattern(r"\b(?:it|them|they|these|this|those|which|sie|diese|les|ils)\b", re.IGNORECASE)
DELIVERY = Pattern(
    rf"\b{_FETCH}\b[^\n]{{0,60}}?\b{_FILES}\b|\b{_FILES}\b[^\n]{{0,80}}?\b{_FETCH}\b"
    r"|\byou(?:'ve| have) (?:been sent|received) (?:a |an |some |new |\d+ )*(?:secure|encrypted|protected)\b"
    rf"|\byou(?:'ve| have) (?:been sent|received) (?:\w+ ){{0,3}}?{_FILES}\b|\b{_FILES} ?:"
    r"|\b(?:download|secure|sharing) link\b"
    r"|\b(?:has|have) (?:sent|shared)\b.{0,80}\b(?:with )?you\b|\bshared with you\b"
    r"|\bclick\b.{0,40}\b(?:link|here|below|button)\b.{0,40}\b(?:download|access|view|open|retrieve|read)\b"
    r"|\b(?:download|access|retrieve|open)\b.{0,40}\b(?:from|via|using|through|at|by)\b.{0,20}\b(?:link|button)\b"
    r"|\breplaced (?:by|with) .{0,20}\blinks?\b|\btoo (?:large|big)\b|\bsize (?:limit|of the)\b|\bzu gro\u00df\b|"
    r"\btrop (?:volumineux|lourd)",
    re.IGNORECASE,
)
LEFT_THERE = Pattern(r"\b(?:placed|put|uploaded|shared|saved|posted|stored|left|moved)\b", re.IGNORECASE)
# That the files are those of this correspondence, and meant for whoever reads.
FOR_YOU = Pattern(
    r"\byou(?:'ve| have) (?:been sent|received)\b|\b(?:released|disclosed) (?:documents|files|records|information|"
    r"material)\b|"
    r"\byour (?:\w+ ){0,2}(?:files?|documents?|download|request|copy|copies|response|account)\b|\b(?:sent|shared|"
    r"share)\b.{0,40}\byou\b|"
    r"\b(?:sent|send|share|provide)\w* (?:them|it|these) |\byou (?:have )?(?:requested|asked)\b|"
    r"\b(?:the )?requested\b|"
    r"\b(?:annex|appendi|attachment|enclosure|schedule|disclosure)\w*|\bexpir|\bpass(?:word|code|phrase)\b|"
    r"\bone-time\b|"
    r"\btoo (?:large|big)\b|\bsecure|\bencrypt|\bin response to\b|\bscope\b|"
    r"\brelevant\b|\bfor (?:your )?(?:foi|request|case)\b|"
    r"\b(?:to|for) you\b|\blink below\b|\bfollowing link\b|\bdownload link\b|"
    r"\bihre[nr]? (?:dateien|unterlagen|dokumente|anlagen|antrag)|\bangeforderte|\banlagen?\b|\bpasswor?t\b|"
    r"\bfolgende[nm] link|"
    r"\bvos (?:fichiers|documents)|\bdemand\u00e9e?s?\b|\bpi\u00e8ces? jointes?|\bmot de passe\b|\blien (?:suivant|"
    r"ci-dessous)|\bvoici\b|\blink zu\b",
    re.IGNORECASE,
)
KEY = Pattern(
    r"\b(?:pass(?:word|code|phrase)|pin|user ?name|log-?in details|expir\w*|passwor?t|kennwort|benutzername|"
    r"mot de passe)\b",
    re.IGNORECASE,
)
# What links in letters are about when they are about something else.
ELSEWHERE = Pattern(
    r"\b(?:privacy|cookies?|survey|feedback|questionnaire|satisfaction|how (?:we|you|to)|how did|rate (?:us|our)|"
    r"your views|"
    r"web ?sites?|web ?pages?|guidance|guides?|leaflets?|factsheets?|publication scheme|publish(?:ed|es|ing)?|"
    r"publications?|"
    r"publicly|online at|already (?:in the|available)|reasonably accessible|disclosure log|legislation|"
    r"complain\w*|ombudsman|"
    r"information commissioner|ico|tribunal|internal review|newsletter|unsubscribe|subscribe|vacanc\w+|careers?|"
    r"job|jobs|"
    r"meeting|join|webinar|maps?|directions|accessibility|reader|acrobat|app|browser|view (?:this|it) (?:e-?mail |"
    r"message )?online|"
    r"track(?:ing)?|progress|log ?in to (?:see|check)|follow us|like us|(?:more|further|general) information|"
    r"find out more|"
    r"learn more|help (?:pages?|with|using)|faqs?|frequently asked|need help|contact us|"
    r"you (?:have )?asked (?:for (?:the|a)|whether|if|who|what|which|how|about)|if you (?:cannot|can't|"
    r"are unable|have any|have trouble)|policy|policies|terms|conditions|"
    r"support|about "
    r"(?:us|our)|register|consultation|strategy|report (?:a|an)|apply|"
    r"datenschutz\w*|umfrage|internetseiten?|webseiten?|homepage|merkbl\u00e4tt\w*|merkblatt|"
    r"ver\u00f6ffentlicht\w*|impressum|"
    r"weitere informationen|rechtsbehelf\w*|bewertung|"
    r"confidentialit\u00e9|enqu\u00eate|sites? (?:web|internet)|publi\u00e9e?s?|en savoir plus|"
    r"plus d'informations?|d\u00e9sabonn\w+)\b",
    re.IGNORECASE,
)
ANNEXED = Pattern(
    r"\b(?:annex|appendi|attachment|enclosure|disclos|anlage|anhang|anh\u00e4nge|pi\u00e8ces? jointe)\w*\b|"
    r"\bschedule [a-z0-9]\b|"
    r"\b(?:requested|asked for|in response to)\b",
    re.IGNORECASE,
)
# Of a link that is spoken of, or that came the other way.
NOT_OF_THEIRS = Pattern(
    r"\bmentions\b|\bmentioned (?:in|by|at)\b|\b(?:cannot|can't|could not|unable to) (?:open|access|view|use)\b|"
    r"\blink in your\b|\bdoes not work\b|"
    r"\byou (?:have |had )?(?:shared|sent|provided|gave us)\b",
    re.IGNORECASE,
)
UPLOAD = Pattern(
    r"\b(?:upload|submit|provide us|send us|share with us)\b.{0,60}\b(?:your|you|any|proof|id|identity|form)\b|"
    r"\bto (?:upload|submit)\b|\bhochladen\b|\bd\u00e9poser (?:vos|votre)\b",
    re.IGNORECASE,
)
LETS_GO = Pattern(
    r"^\W*(?:(?:with )?(?:kind|kindest|best|warm|many)\b.{0,10}\b(?:regards|wishes)|regards|yours\b.{0,20}|"
    r"sincerely|faithfully|mit (?:freundlichen|besten|herzlichen) gr\u00fc\u00df\w*|"
    r"(?:freundliche|viele|beste) gr\u00fc\u00dfe|"
    r"(?:bien )?cordialement|salutations\b.{0,20}|.{0,60}salutations (?:distingu\u00e9es|respectueuses))"
    r"(?:,? (?:[^\W\d_]+[ .]?){1,4})?\W*$|^\W*(?:many |with )?thanks\W*$|^--\s*$|"
    r"\bthis (?:e-?mail|message|communication)\b.{0,80}\b(?:confidential|intended|privileged)|"
    r"\bdisclaimer\b|\bsent from my \w+|^\W*follow us\b|\bscanned (?:by|for)\b|\bbefore printing\b",
    re.IGNORECASE,
)

_MONTH = (
    r"(?:jan|feb|f\u00e9v|mar|m\u00e4r|apr|avr|may|mai|jun|juin|jul|juil|aug|ao\u00fb|sep|oct|okt|nov|dec|dez|"
    r"d\u00e9c)"
    r"[a-z\u00e9\u00fb]{0,6}\.?"
)
_DATE = (
    rf"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,? )?(?:\d{{1,2}}(?:st|nd|rd|th|er|"
    rf"\.)? (?:of )?{_MONTH}(?:,? \d{{4}})?|"
    rf"{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}})?|\d{{1,2}}[./-]\d{{1,2}}[./-]\d{{2,4}}|\d{{4}}-\d\d-\d\d)"
)
_SPAN = (
    r"(?:\d{1,3}|three|five|seven|ten|fourteen|twenty|thirty|sixty|ninety|one|two|four|six) (?:calendar |working )?"
    r"(?:days?|weeks?|months?|hours?|tagen?|wochen?|stunden|jours?|semaines?|mois|heures)"
)
EXPIRY = Pattern(
    rf"\b(?:expir\w*|valid|available|accessible|live|open|active|deleted|removed|downloaded|g\u00fcltig|"
    rf"verf\u00fcgbar|abrufbar|"
    rf"l\u00e4uft|gel\u00f6scht|bereit|valables?|valide|disponibles?|supprim\w*|accessibles?)\b[^.!?\n]{{0,40}}?"
    rf"(?:{_DATE}|(?:in|for|after|within|until|f\u00fcr|nach|w\u00e4hrend|pendant|dans|sous|apr\u00e8s|"
    rf":) (?:the next |a further |les )?{_SPAN})"
    rf"|\b(?:bis(?: zum)?|jusqu'au|nach|innerhalb von) (?:{_DATE}|{_SPAN})[^.!?\n]{{0,20}}?\b(?:abruf\w*|"
    rf"verf\u00fcgbar|g\u00fcltig|"
    rf"gel\u00f6scht|bereit\w*)",
    re.IGNORECASE,
)

_GONE = (
    r"(?:removed|blocked|quarantined|stripped|deleted|replaced|detained|scrubbed|entfernt|blockiert|gel\u00f6scht|"
    r"ersetzt|"
    r"in quarant\u00e4ne|supprim\u00e9e?s?|bloqu\u00e9e?s?|retir\u00e9e?s?|remplac\u00e9e?s?|mise?s? en quarantaine)"
)
_ATTACHMENT = (
    r"(?:attachments?|attachment\(s\)|attached files?|(?:datei)?anh(?:ang|\u00e4nge)|anlagen?|pi\u00e8ces? jointes?)"
)
TAKEN_AWAY = Pattern(
    rf"\b(?:attachments?|files?|documents?)\b.{{0,120}}\b(?:was|were|been|is|are) (?:\w+ )?{_GONE}\b|"
    rf"\b{_ATTACHMENT}\W.{{0,120}}\b(?:wurden?|a \u00e9t\u00e9|ont \u00e9t\u00e9)\b.{{0,60}}{_GONE}\b|"
    rf"\battachments? {_GONE}\b|\b{_GONE} (?:the )?(?:following )?attachments?\b|\bscan in progress\b",
    re.IGNORECASE,
)
BY_A_FILTER = Pattern(
    r"gateway|mail[- ]?filter|content filter|mail (security|protection)|anti-?virus|virus (scan|check|filter|"
    r"protection)|"
    r"contain\w* (a|malicious) (virus|code|content)|malware|mimecast|proofpoint|barracuda|safe attachments|"
    r"mailscanner|"
    r"mimedefang|microsoft defender|(could|can) ?not be scanned|scan in progress|"
    r"virenschutz|virenscanner|schadsoftware|logiciel malveillant|passerelle de messagerie|filtre de messagerie",
    re.IGNORECASE,
)
# Enough where an attachment is what it is said of, first thing in its sentence.
AS_FILTERS_DO = Pattern(
    r"\b(?:unsafe|suspicious|dangerous|virus|viruses|macros?|security (?:risk|reasons|policy|threat)|(?:file|"
    r"attachment) (?:type|extension)s?|"
    r"e-?mail (?:system|server|policy|administrator)|sicherheitsgr\u00fcnden|sicherheitsrichtlinie|dateityp|"
    r"raisons? de s\u00e9curit\u00e9|politique de s\u00e9curit\u00e9)\b",
    re.IGNORECASE,
)
ABOUT_ONE = Pattern(
    r"^\W*(?:(?:virus )?(?:warning|notice|caution|note|alert|achtung|warnung|attention)\W+){0,2}"
    r"(?:(?:the|this|these|an?|one or more|some|several|original|following|e-?mail|\d+|potentially|der|die|ein|"
    r"eine|folgende[rn]?|"
    r"la|les|une?|des) ){0,4}"
    rf"(?:(?P<attachment>{_ATTACHMENT})|files?|documents?|datei(?:en)?|fichiers?)(?!\w).{{0,160}}?"
    rf"\b(?:was|were|has been|have been|had to be|wurden?|a \u00e9t\u00e9|ont \u00e9t\u00e9)\b.{{0,60}}?\b{_GONE}",
    re.IGNORECASE,
)
# An authority that withholds a document says so in much the same words, and that is the answer.
DECISION = Pattern(
    r"withh[oe]ld|exempt|redact|\bhold\b|\bheld\b|retention|\bsections? \d|\barticles? \d|public interest|"
    r"personal (data|information)|"
    r"geschw\u00e4rzt|personenbezogen|\u00a7|occult|donn\u00e9es personnelles",
    re.IGNORECASE,
)
OURS = Pattern(
    r"\byour (?:\w+ )?(?:attachments?|e-?mail|message|file)|\byou (?:sent|attached)\b|\bresend\b", re.IGNORECASE
)
BY_A_LINK = Pattern(r"\breplaced (?:by|with) .{0,20}\blinks?\b", re.IGNORECASE)
BANNER = Pattern(
    r"^\W*(?:(?:virus )?(?:warning|notice|caution|alert)\W+)?(?:"
    r"(?:unsafe|suspicious|dangerous|malicious|infected|blocked|removed|deleted|"
    r"stripped) attachments?(?: \w+){0,3}\W*(?:$|:)|"
    rf"(?:attachment(?:s|\(s\))?|attached files?) (?:\w+ ){{0,2}}(?:{_GONE}|not scanned|not delivered)\W*(?:$|:|by\b)|"
    rf"(?:the )?(?:following|below) attachments? (?:(?:was|were|has been|have been|is|are) )?{_GONE}|"
    r"(?:microsoft )?(?:atp|safe attachments?|attachment|virus)\W+scan(?:ning)? (?:is )?in progress|"
    r"(?:your |the |this )?attachments? (?:is|are) (?:currently |still )?being scanned|"
    rf"this (?:message|attachment|e-?mail|file) (?:body )?(?:has been|was) {_GONE}|"
    rf"this (?:message|e-?mail) has had (?:one or more |an? |\d+ )?attachments? {_GONE}|"
    r"(?:[\w'.]+ ){0,6}(?:detected|found) an? (?:unsafe|malicious|infected|suspicious) attachment|"
    rf"(?<=[\[*])(?:the )?attachment .{{0,160}}\b{_GONE}|"
    r"malware (?:was |has been )?detected in\b.{0,40}\battach|"
    r"(?:outlook|microsoft outlook) (?:has )?blocked access to the following|"
    r"(?:[\w']+ ){0,6}(?:gateway|filter|scanner|defender) (?:for [\w ]{1,20} )?(?:has |have )?(?:removed|blocked|"
    r"stripped|deleted|"
    r"quarantined) "
    r"(?:the |an? |one or more |\d+ )?(?:following )?attachment|"
    rf"an? (?:mime )?attachment .{{0,60}}was {_GONE}|"
    r"(?:gel\u00f6schte|entfernte|blockierte)r? (?:anhang|anh\u00e4nge|anlagen?)\b|anh(?:ang|"
    r"\u00e4nge) (?:entfernt|blockiert|gel\u00f6scht)\b|"
    rf"(?:der |die )?folgenden? (?:anhang|anh\u00e4nge|anlagen?|dateien?) wurden? .{{0,60}}{_GONE}|"
    rf"pi\u00e8ces? jointes? {_GONE}\b)",
    re.IGNORECASE,
)
QUOTED_NAME = Pattern(
    rf"(?:[\"\u201c\u00ab\u201e]|(?<!\w)')\s?([^\"\u201c\u201d\u00ab\u00bb\u201e<>\n]{{1,160}}?{FILE_NAME})",
    re.IGNORECASE,
)
BRACKETED_NAME = Pattern(rf"[(\[]\s?([^()\[\]<>\n]{{1,160}}?{FILE_NAME})", re.IGNORECASE)
NAME_OF_A_LINE = Pattern(
    rf"^[\s*\u2022\u00b7>-]*(?:\d+[.)] )?([^\n:\"]{{1,160}}?{FILE_NAME})(?=$|[\s,;(<\u2013-])", re.IGNORECASE
)
NOTHING_BUT_A_NAME = Pattern(
    rf"^[\s*\u2022\u00b7-]*([^\n:\"]{{1,160}}?{FILE_NAME})[\s,;(-]*(?:[\d.,]{{1,8}}\s?(?:bytes|[kmg]i?b))?[\s)]*$",
    re.IGNORECASE,
)
NAME_AFTER_WORD = Pattern(
    rf"(?:\b(?:named?|called|attachments?|files?|documents?|anhang|datei|jointe|fichier)\s*:?\s+(?!(?:was|has|is|"
    rf"of|and)\b)|:\s+)"
    rf"([^\n\":]{{1,120}}?{FILE_NAME})",
    re.IGNORECASE,
)
NAME_IN_A_WORD = Pattern(rf"([^\s\"'/\\<>:|]{{1,160}}{FILE_NAME})", re.IGNORECASE)
BETWEEN_NAMES = Pattern(rf"({FILE_NAME}[\"'\u201d\u00bb]?)\s*(?:[,;&]|\band\b|\bund\b|\bet\b)\s+", re.IGNORECASE)
BEFORE_A_NAME = Pattern(
    r"^(?:the |this |an? )?(?:original |attached |following )?(?:attachment|file|document)s?[,:]? ", re.IGNORECASE
)
