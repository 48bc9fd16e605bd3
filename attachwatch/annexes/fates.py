"""What letters say of annexes, as words: attached, refused, posted, pages of the letter itself. One table. Pure.

A line is a fate and its words in English, German, French, Dutch, Spanish, Italian, Irish and Welsh. They are tried in
this order: "will be sent by email" is no delay, and a part that is withheld leaves the rest.
"""

import re

from attachwatch.model import Fate

_SENT_LATER = (
    r"\b(?:in|across|over) (?:\w+ ){0,2}(?:several|\w+|\d+) (?:\w+ )?(?:e-?mails|messages)\b(?! \d)|"
    r"\b(?:in|auf) mehreren e-?mails\b|\ben plusieurs (?:courriels|messages|envois)\b|\bin meerdere e-?mails\b"
)
_OPEN = (
    r"\bstill\b|\bconsult\w*|\bconsider(?:ing|ation)\b|\bunder review\b|\bwith (?:our|the) (?:\w+ )?(?:lawyers|"
    r"solicitors|legal|press office)\b|\bbeing reviewed\b|\bonce\b(?! more)|"
    r"\bas soon as\b|\bwhen (?:we|they|it|this|the)\b|\bawait\w*|"
    r"\bnoch\b|\bsobald\b|\bencore\b|\bd\u00e8s que\b|\bnog\b|\bzodra\b|\bcuando\b|\bquando\b|\bancora\b"
)
_PARTLY = (
    r"\bexception of (?:\w+ )?(?:pages?|paragraphs?|names?|parts?|lines?|figures|columns?|personal)\b|"
    r"\bin part\b|\bpartial(?:ly)?\b|\bparts? of\b|\bpartly\b|\bsome\b|\bcertain\b|\bredact\w*|\b(?:data|"
    r"information|names?|details|identities) (?:\w+ ){0,4}(?:in|from|within)\b|"
    r"\bblacked out\b|\bteilweise\b|\bgeschw\u00e4rzt\w*|\bin teilen\b|\bteile\b|\bpartiel\w*|\bocculta\w*|"
    r"\bcaviard\w*|\bgedeeltelijk\b|"
    r"\bdeels\b|\bgelakt\b|\bparcial\w*|\btachad\w*|\bparzial\w*|\boscurat\w*|\bi bp\u00e1irt\b|\brhannol\b|"
    r"\bmewn rhan\b"
)
_REFUSED = (
    r"\brel(?:y|ies|ied|ying) (?:up)?on (?:\w+ ){0,3}?(?:sections?|s|regulations?|exemptions?|exceptions?|articles?)\b|"
    r"\b(?:uphold|upheld|maintain\w*) (?:the (?:use|application|reliance|decision)|our (?:use|decision)|reg|sec|s\b)|"
    r"\bwith?h(?:o|e)ld\w*|\brefus\w*|\bexempt\b(?! information)|\bexempt(?:ion|ed) (?:under|by|from)\b|\bden(?:y|"
    r"ied)\b|\bdeclin\w*|"
    r"\b(?:not|cannot|can't|won't|unable to|never) (?:\w+ ){0,2}?(?:disclos|releas|provi|suppl|attach|includ|held|"
    r"hold|sen[dt]|enclos|share|grant|give|exist)\w*|"
    r"\bcannot be (?:\w+ )?(?:disclos|releas|provi|suppl|sen[dt]|shared)\w*|"
    r"\b(?:not|nicht|pas|niet|n\u00ed|nid)\s*$|\bneither\b|\bnever (?:created|existed|produced|held)\b|"
    r"\bnicht (?:\w+ ){0,2}vor\b|\bn'exist\w* pas\b|\bexcept(?:ing)?\b|"
    r"\bwith the exception\b|\bother than\b|"
    r"\bapart from\b|\bexcluding\b|\bsave for\b|\bnot for release\b|"
    r"\bout(?:side)? (?:of )?(?:the )?scope\b|\bdestroyed\b|\blost\b|\b(?:wif|dif)\b|\bno longer (?:held|exists?)\b|"
    r"\b(?:nicht|kann nicht|k\u00f6nnen nicht) (?:\w+ ){0,3}?(?:herausge|zug\u00e4nglich|\u00fcbersand|"
    r"\u00fcberlass|\u00fcbermittel|beigef\u00fcgt|offengelegt|vorhanden|zur verf\u00fcgung)\w*|"
    r"\bversag\w*|\babgelehnt\w*|\bablehn\w*|\bverweiger\w*|\bausgenommen\b|\bmit ausnahme\b|\bau\u00dfer\b|"
    r"\bne (?:peut|peuvent|sont|sera|seront|saurait|sauraient|vous) (?:\w+ ){0,3}?(?:pas|communiqu\w*|transmis\w*|"
    r"divulgu\w*)\b|\bnon communicable\w*|\brefus\u00e9\w*|\b\u00e0 l'exception\b|\bsauf\b|\bhormis\b|"
    r"\bpas (?:\u00eatre )?(?:communiqu|communicab|transmi|divulgu|jointe?)\w*|"
    r"\bgeweiger\w*|\bniet (?:\w+ ){0,2}?(?:verstrek|openbaar|bijgevoegd|vrijgegeven|meegezonden)\w*|"
    r"\bmet uitzondering\b|\bbehalve\b|"
    r"\bden(?:eg|ieg)\w*|\bno se (?:\w+ ){0,2}?(?:facilit|entreg|aport|adjunt|concede|remit|puede)\w*|\bexcept[ou]\b|"
    r"\bsalvo\b|\ba excepci\u00f3n\b|\binadmi\w*|"
    r"\bnegat\w*|\brifiutat\w*|\bnon (?:\w+ ){0,3}?(?:ostensibil|accessibil|rilasciat|trasmess|fornit|allegat)\w*|"
    r"\bad eccezione\b|\btranne\b|\besclus\w*|"
    r"\bcoinn\u00edodh siar\b|\bseachas\b|\bdh?i\u00falta\w*|\bgwrthod\w*|\bheblaw\b|\bac eithrio\b|\batal\w*|"
    r"\bei atal\b|\bwedi'?i? eithrio\b"
)
_ELSEWHERE = (
    r"\bby (?:\w+ ){0,3}?(?:post|mail|courier|hand|delivery)\b|\bin the post\b|\bposted\b|\bhard[ -]?cop\w*|"
    r"\bpaper cop\w*|\bon (?:a |an )?(?:\w+ )?(?:disc|disk|cd|cd-rom|dvd|usb|memory stick)\b|"
    r"\bunder separate cover\b|\bby separate cover\b|\bcollected? (?:from|in person)\b|\breading room\b|"
    r"\binspect(?:ed|ion)? (?:at|in)\b|\bpublished\b|\bpublicly available\b|\bavailable (?:\w+ )?(?:online|"
    r"on (?:our|the) (?:\w+ )?(?:website|site))\b|"
    r"\bweb ?site\b|\bpost(?:weg|alisch|sendung)\w*|\b(?:mit|per|mit der|mit separater|mit gesonderter|"
    r"durch die) post\b|\b(?:auf|per) (?:einer )?(?:cd|dvd|datentr\u00e4ger|usb-stick)\b|\bver\u00f6ffentlicht\b|"
    r"\binternetseite\b|"
    r"\bpar (?:voie )?(?:postale|courrier|la poste)\b|\bpar courrier\b|\bsous pli\b|\bpubli\u00e9e?s?\b|"
    r"\bsite internet\b|"
    r"\bper (?:gewone |aangetekende )?post\b|\bgepubliceerd\b|\bpor correo (?:postal|certificado|ordinario)\b|"
    r"\bpublicad\w*|\bper posta\b(?! elett)|\braccomandata\b|\bpubblicat\w*|"
    r"\b(?:tr\u00ed|sa|leis an|tr\u00edd an) (?:ph?ost|bph?ost)\b|\bfoilsithe\b|\b(?:drwy'r|yn y|trwy'r|drwy|"
    r"yn) post\b|\bcyhoedd\w*"
)
_EARLIER = (
    r"\balready\b|\bwent out\b|\bha(?:s|ve) gone\b|\bpreviously\b|\bearlier\b|\b(?:was|were) (?:\w+ )?(?:sent|"
    r"provided|supplied|disclosed|released|"
    r"enclosed|attached|given|emailed|issued|included)\b|"
    r"\b(?:sent|provided|supplied|disclosed|released|gave|forwarded)\b.{0,40}\b(?:on \d|on (?:mon|tues|wednes|"
    r"thurs|fri)|in (?:january|february|march|april|june|july|august|september|october|november|december)|"
    r"last (?:week|month|year)|yesterday|ago|with our (?:letter|e-?mail|response|reply) of)|"
    r"\bwith our (?:\w+ )?(?:letter|e-?mail|response|reply|message) of\b|\b(?:first|previous|last|"
    r"earlier) (?:e-?mail|message|letter)\b|"
    r"\b(?:a|ont) (?:d\u00e9j\u00e0 )?\u00e9t\u00e9 (?:transmis|communiqu|adress|envoy)\w*|"
    r"\bwurden? ihnen\b.{0,60}\b(?:\u00fcbersandt|\u00fcbermittelt|zugesandt)\b|"
    r"\bis u .{0,40}\b(?:toegezonden|verstrekt)\b|\ble (?:fue|fueron) (?:remitid|enviad|entregad|facilitad)\w*|"
    r"\bbereits\b|\bschon\b|\bfr\u00fcher\w*|\bd\u00e9j\u00e0\b|\bpr\u00e9c\u00e9demment\b|\beerder\b|"
    r"\bal (?:eerder )?(?:toegezonden|verstrekt|gestuurd|ontvangen)\b|\breeds\b|\bya (?:se|le|fue|fueron|ha|han|"
    r"enviad|remitid|obra)\w*|\bcon anterioridad\b|\banteriormente\b|"
    r"\bgi\u00e0\b|\bin precedenza\b|\bcheana(?: f\u00e9in)?\b|\beisoes\b|\bo'r blaen\b"
)
_PENDING = (
    r"\bpending\b|\bto follow\b|\b(?:(?:will|shall) (?:be |then |also )?|to be )(?:\w+ )?(?:follow\w*|sen[dt]|"
    r"suppl\w*|provided?|"
    r"released?|issued?|forward\w*|emailed|e-mailed|disclosed?|considered|decided)\b|\bwe'll\b|\bin due course\b|"
    r"\blater\b|\bnot yet\b|\bwill (?:\w+ )?(?:come|reach|arrive|go out|be with you)\b|"
    r"\bon hold\b|\bthird part(?:y|ies)\b|\bsubject to (?:payment|the fee)\b|" + _OPEN + r"|\bfolg(?:t|en)\b|"
    r"\bnachgereicht\b|\bnachreichen\b|\breich(?:e|en) .{0,60}\bnach\b|\bsp\u00e4ter\b|\bin k\u00fcrze\b|"
    r"\bdritt(?:e|en|beteilig\w*)\b|"
    r"\bult\u00e9rieur\w*|\bsuivr(?:a|ont)\b|\bsera (?:envoy|transmi|adress|communiqu)\w*|\bseront (?:envoy|"
    r"transmi|adress|communiqu)\w*|\bvolg(?:t|en)\b|\blater\b|\bnagezonden\b|\bzienswijze\w*|"
    r"\bse (?:enviar|remitir|facilitar)\w*|\bposteriorm\w*|\bpendiente\w*|\balegaciones\b|\bseguir(?:\u00e0|"
    r"anno)\b|\bsuccessivamente\b|\bin attesa\b|\bn\u00edos d\u00e9ana\u00ed\b|\bleanfaidh\b|\bi ddilyn\b|"
    r"\byn ddiweddarach\b|\bmaes o law\b"
)
_INSIDE = (
    r"\b(?:of|to|in|within|at the (?:end|back|foot) of) this (?:letter|notice|decision|response|e-?mail|reply|"
    r"document)\b|\bbelow\b|\boverleaf\b|\bat the (?:end|back|foot) of\b|\bpages? \d+ of this\b|\bon pages? \d+\b|"
    r"\breverse\b|\bthis letter's\b|"
    r"\(this letter\)|\bforms? part of this (?:letter|notice|decision)\b|"
    r"\b(?:dieses|diesem|des|in diesem) (?:schreibens?|bescheid(?:e?s)?|briefe?s?)\b|\bam ende\b|\bumseitig\b|"
    r"\bnachstehend\b|\bunten\b|\br\u00fcckseite\b|"
    r"\bde (?:la|cette) (?:pr\u00e9sente|lettre|d\u00e9cision)\b|\b(?:\u00e0|de|"
    r"du) (?:la )?pr\u00e9sent(?:e)? (?:lettre|courrier|d\u00e9cision)?\b|\bci-dessous\b|\bci-apr\u00e8s\b|"
    r"\bau verso\b|\b\u00e0 la fin\b|\ben fin de\b|"
    r"\b(?:van|bij|in|van) (?:deze brief|dit besluit|dit schrijven)\b|\bonderaan\b|\bhieronder\b|\bachterzijde\b|"
    r"\b(?:de|en|a) (?:esta|la presente) (?:carta|resoluci\u00f3n)\b|\bal final\b|\bal dorso\b|\ba continuaci\u00f3n\b|"
    r"\b(?:della|alla|nella) (?:presente|lettera)\b|\bin calce\b|\bdi seguito\b|\ba tergo\b|"
    r"\b(?:den|sa|ag deireadh na|leis an) litir seo\b|\bag deireadh\b|\bth\u00edos\b|\b(?:y|i'r|o'r|yn y|"
    r"diwedd y) llythyr hwn\b|\bllythyr hwn\b|\bisod\b|\bar ddiwedd\b"
)
_EXPLAINS = (
    r"\b(?:public interest|complain\w*|internal review|right of (?:appeal|review)|your rights?|exemptions?)\b.{0,40}"
    r"\b(?:set out|explained|described|outlined|detailed|listed|given|found) (?:in|at|on|under)\s*$|"
    r"\b(?:sets? out|explains?|describes?|outlines?|lists?|contains?|gives?|details?|provides? (?:details|"
    r"information|more)|set out|explained|detailed|outlined|listed|found|is|are|for|see|refer)\b.{0,60}"
    r"\b(?:exemptions?|public interest|complain\w*|internal review|right of (?:appeal|review)|rights?|"
    r"how to (?:appeal|ask|complain|request)|appeal (?:rights|procedure)|review (?:rights|procedure)|"
    r"relevant (?:legislation|law|sections?))\b|"
    r"\b(?:rechtsbehelfsbelehrung|rechtsgrundlagen|voies (?:et d\u00e9lais )?de recours|bezwaarclausule|"
    r"pie de recurso|hawliau|cwyn\w*|cearta|achomharc)\b"
)
_SENT = (
    r"\battach\w*|\benclos\w*|\bfind\b|\bfound\b|\bprovid(?:e|ed|ing)\b|\bsuppl(?:y|ied)\b|\breleas\w*|"
    r"\bdisclos\w*|\bgrant\w*|\bsend(?:ing)?\b|\bsent\b|\binclud\w*|\baccompan\w*|\bhere (?:is|are)\b|"
    r"\b(?:is|are|at|in|as|see|refer to)\s*$|\bwith this (?:e-?mail|message|letter)\b|\bnow\b|\bsubmit\w*|"
    r"\bcomprises?\b|\bfollowing\b|"
    r"\banbei\b|\bbeigef\u00fcgt\w*|\bbeilieg\w*|\banlieg\w*|\b\u00fcbersend\w*|\b\u00fcbermittel\w*|\berhalten\b|"
    r"\bf\u00fcge\b|\bherausgegeben\b|\bzur verf\u00fcgung\b|\bals anlagen?\b|"
    r"\bci-joint\w*|\bjoint\w*|\bjoins\b|\btrouver\w*|\bcommuniqu\w*|\btransmet\w*|\btransmis\w*|\badress\w*|"
    r"\benvo(?:ie|y)\w*|"
    r"\bbijgevoegd\w*|\bbijgaand\w*|\bingesloten\b|\btreft u\b|\bstuur\w*|\bverstrek\w*|\bopenbaar\b|\bontvangt\b|"
    r"\bvoeg\w*|\bzend\w*|"
    r"\badjunt\w*|\bse acompa\u00f1a\w*|\bremit\w*|\benv\u00eda\w*|\bfacilit\w*|\bse incluye\w*|\bin allegato\b|"
    r"\ballegat[oaie]\b|\btrasmett\w*|\binvia\w*|\btrover\w*|"
    r"\bfaoi iamh\b|\bceangailte\b|\biniata\b|\bistigh\b|\bynghlwm\b|\bamgae\w*|\batod(?:ir|wyd)\b|\banfon\w*|"
    r"\bwedi'i atodi\b"
)
_AGAIN = re.compile(
    r"\bagain\b|\bonce more\b|\bre-?s(?:end|ent|ending|aved)\b|\breplace\w*|\bnew cop\w*|\bfresh cop\w*|"
    r"\berneut\b|\bnochmals?\b|\bde nouveau\b|"
    r"\b\u00e0 nouveau\b|\bopnieuw\b|\bnogmaals\b|\bde nuevo\b|\bnuevamente\b|\bdi nuovo\b|\bnuovamente\b|"
    r"\bar\u00eds\b|\beto\b|\bunwaith eto\b",
    re.IGNORECASE,
)
_IN_FULL = re.compile(
    r"\b(?:in full|entirely|in (?:its|their) entirety|vollst\u00e4ndig|int\u00e9gral\w*|"
    r"volledig|\u00edntegr\w*|integral\w*|"
    r"yn llawn|ina ioml\u00e1ine)\b",
    re.IGNORECASE,
)


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_sent_later, _open, _partly, _inside = map(_words, (_SENT_LATER, _OPEN, _PARTLY, _INSIDE))
_attached = _words(
    r"\btrouverez\b|\ballegat\w*|\battach\w*|\benclos\w*|\bseparate\w*|\bbeigef\u00fcgt\w*|\banbei\b|\bci-joint\w*|\bbijgevoegd\w*|"
    r"\badjunt\w*|\bceangailte\b|\bynghlwm\b"
)
_handed_over = _words(
    r"\b(?:provid|suppl[yi]|releas|disclos|send|sent|grant|forward|produc|deliver)\w*|\bgive you\b|\baccess to\b|"
    r"\b(?:\u00fcbersend|\u00fcbermittel|transmett|communiqu|adress|verstrek|stuur|remit|env[i\u00ed]|trasmett|invia)\w*"
)
_excepts = _words(
    r"\bexcept\w*\b|\bwith the exception\b|\bother than\b|\bapart from\b|\bexcluding\b|\bsave for\b|\bbut not\b|"
    r"\bmit ausnahme\b|\bau\u00dfer\b|\bsauf\b|\bhormis\b|\b\u00e0 l'exception\b|\bbehalve\b|\bmet uitzondering\b|"
    r"\bsalvo\b|\bexcepto\b|\btranne\b|\bad eccezione\b|\bseachas\b|\bheblaw\b|\bac eithrio\b"
)
_at_its_end = _words(
    r"\bat the (?:end|back|foot)\b|\bpages? \d|\boverleaf\b|\bpart of\b|\bam ende\b|\b\u00e0 la fin\b|\bal final\b"
)
_TABLE = tuple(
    (fate, _words(pattern))
    for fate, pattern in (
        (Fate.REFUSED, _REFUSED),
        (Fate.ELSEWHERE, _ELSEWHERE),
        (Fate.EARLIER, _EARLIER),
        (Fate.INSIDE, _INSIDE),
        (Fate.INSIDE, _EXPLAINS),
        (Fate.PENDING, _PENDING),
        (Fate.SENT, _SENT),
    )
)


def fate(clause: str) -> Fate | None:
    """What `clause` says of the annexes that stand in or beside it; None where it says nothing of the kind."""
    for found, pattern in _TABLE:
        if pattern.search(clause) and not _is_softened(found, clause):
            return found
    return Fate.SENT if _partly.search(clause) else None


def is_attached(sentence: str) -> bool:
    """Whether a sentence says that something is a file beside the letter."""
    return bool(_attached.search(sentence))


def hands_over(clause: str) -> bool:
    """Whether `clause` says that what follows it is given to the reader, which a mere mention does not."""
    return bool(_attached.search(clause) or _handed_over.search(clause))


def excepts(sentence: str) -> bool:
    """Whether a sentence takes some out of what it says of the others."""
    return bool(_excepts.search(sentence))


def is_in_part(clause: str) -> bool:
    """Whether `clause` is of parts of what follows it: "some information in"."""
    return bool(
        _partly.search(clause) and re.search(r"\b(?:of|in|from|within|der|de|du|des|van|uit|del|della)\s*$", clause)
    )


def is_inside(behind: str, clause: str) -> bool:
    """Whether what stands right behind a label says that it is part of the letter: "Annex D below"."""
    found = _inside.search(behind)
    return found is not None and not behind[: found.start()].strip(" ,(") and not _is_softened(Fate.INSIDE, clause)


def says_so(clause: str) -> bool:
    """Whether `clause` says that files come with this very message."""
    return fate(clause) is Fate.SENT


def again(clause: str) -> bool:
    """Whether `clause` sends once more what was sent before."""
    return bool(_AGAIN.search(clause))


def _is_softened(found: Fate, clause: str) -> bool:
    """Whether other words of the clause take back what one of them says."""
    if found is Fate.REFUSED:
        partly = _partly.search(clause)
        return partly is not None and (not _IN_FULL.search(clause) or fate(clause[: partly.start()]) is Fate.SENT)
    if found is Fate.PENDING:
        return bool(_sent_later.search(clause)) and not _open.search(clause)
    if found is Fate.EARLIER:
        return again(clause)
    if found is Fate.INSIDE:
        return bool(_attached.search(clause)) and not _at_its_end.search(clause)
    return False
