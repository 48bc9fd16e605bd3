"""An authority's own sentence that its files opened there."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attachwatch.annexes.letters.opened import opened_for_them


@pytest.mark.parametrize(
    "sentence",
    [
        "I can confirm that this document has just opened correctly for me.",
        "Opens fine at our end.",
        "It opens for me.",
        "The attachments open without any problems here.",
        "I have checked and I can open all of the attachments.",
        "I don't understand this, as they open fine here.",
        "I am not sure why they don't open for you, but they open perfectly on our system.",
        "We were able to open each file before sending.",
        "We have just opened the attachments again and they are fine.",
        "My colleague was able to view both documents.",
        "The files are not corrupted and can be opened at our end.",
        "I'm sorry that you are having problems, the documents open fine at our end.",
        "The documents were checked and open fine at our end.",
        "We had no problem opening the files.",
        "I’ve opened all of them on my laptop with no issues.",
        "These PDFs are working on our side",
        "The attachment appears to open ok this end",
        "I have now re-saved the document and it opens on both my laptop and phone.",
        "Die Datei lässt sich bei mir öffnen.",
        "Ich konnte alle Anlagen problemlos öffnen.",
        "Bei uns lassen sich die Dokumente ohne Probleme öffnen.",
        "Hier konnten wir die Dateien öffnen.",
        "Die Anhänge wurden von uns geprüft und konnten hier geöffnet werden.",
        "Wir haben die Dokumente soeben noch einmal geöffnet.",
        "Le document s'ouvre correctement chez nous.",
        "De notre côté, les fichiers s'ouvrent sans problème.",
        "J'ai pu ouvrir toutes les pièces jointes.",
        "Nous avons bien ouvert les documents.",
        "Je n'ai aucun problème à ouvrir les fichiers.",
    ],
)
def test_a_sentence_that_says_so_is_found(sentence: str) -> None:
    found = opened_for_them(f"Dear Requester,\n\nThank you for your email. {sentence}\n\nKind regards,\nFOI Team\n")
    assert found
    assert found in sentence.replace("\u2019", "'")


@pytest.mark.parametrize(
    "sentence",
    [
        "I hope they open for you.",
        "Hopefully these will open now.",
        "We could not open the documents either.",
        "I was unable to open the attachment here.",
        "Please let me know if they open for you.",
        "The documents should open on our portal.",
        "You can open the attachments here.",
        "Can you open the documents at your end?",
        "Did this document open for you when we sent it from our system?",
        "We have opened a new case for your documents.",
        "Our office opens at nine and it is here for us all.",
        "I tried to open the files here but it failed.",
        "I opened the document and it was blank.",
        "When we opened the file, it asked for a password.",
        "I will open the documents on our system and save them again.",
        "It doesn't open for me.",
        "They do not open on our computers.",
        "Click here to open the documents.",
        "We have reopened your request and all its documents.",
        "If it opens for us, we send it again.",
        "For us to open the documents we would need the password.",
        "We are open to sending the documents here.",
        "The consultation opened on 3 May for us all and documents are available.",
        "This document opens a discussion.",
        "Please find attached Annex D(iii)",
        "Ich hoffe, dass sich die Dateien bei Ihnen öffnen lassen.",
        "Die Datei lässt sich auch bei uns nicht öffnen.",
        "Bitte teilen Sie uns mit, ob Sie die Dokumente öffnen konnten.",
        "Wir haben den Vorgang zu Ihren Dokumenten eröffnet.",
        "Sobald wir die Dateien öffnen können, melden wir uns.",
        "Wir werden die Dateien hier öffnen.",
        "J'espère que les fichiers s'ouvrent chez vous.",
        "Nous n'avons pas pu ouvrir les documents.",
        "Veuillez nous dire si les documents s'ouvrent.",
        "Nous avons ouvert un dossier pour les documents.",
        "",
    ],
)
def test_others_are_not_taken_for_one(sentence: str) -> None:
    assert opened_for_them(f"Dear Requester,\n\n{sentence}\n\nKind regards,\nFOI Team\n") == ""


def test_what_is_quoted_of_others_does_not_count() -> None:
    assert opened_for_them("Thank you.\n\n> It opens for me.\n") == ""
    assert opened_for_them("Thank you.\n\n-----Original Message-----\nFrom: me\n\nIt opens for me.\n") == ""


def test_of_a_long_sentence_the_part_that_says_so_is_quoted() -> None:
    said = "Please find attached Annex D(iv) - I can confirm that this document has just opened correctly for\nme.\n"
    assert opened_for_them(said) == "I can confirm that this document has just opened correctly for me."


@settings(deadline=None)
@given(st.text(max_size=2_000))
def test_any_text_is_read(text: str) -> None:
    assert isinstance(opened_for_them(text), str)


@pytest.mark.parametrize("word", ["open ", "I can ", "wir haben x ", "for me, ", "no problem ", "- ", "ich konnte "])
def test_a_text_made_to_be_long_is_read_all_the_same(word: str) -> None:
    assert len(opened_for_them(word * 50_000)) <= 2_000
