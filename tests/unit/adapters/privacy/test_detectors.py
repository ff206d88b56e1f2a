from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes.secrets import planted

from autointel.adapters.privacy.detectors import without_overlaps
from autointel.adapters.privacy.gate import DETECTORS


def found(text: str) -> dict[str, str]:
    findings = without_overlaps(finding for detector in DETECTORS for finding in detector(text))
    return {text[finding.start : finding.end]: finding.kind for finding in findings}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Maria.Lopez+news@mail.example.org", "email"),
        ("jürgen@bücher.example.de", "email"),
        ("maria dot lopez at example dot com", "email"),
        ("maria [at] example [dot] org", "email"),
        ("maria (at) example.org", "email"),
        ("+49 30 901820", "phone"),
        ("0049 30 901820", "phone"),
        ("+1 555 010 0199", "phone"),
        ("(415) 555-2671", "phone"),
        ("415.555.2671", "phone"),
        ("020 7946 0958", "phone"),
        ("01 42 68 53 00", "phone"),
        ("4111 1111 1111 1111", "card"),
        ("378282246310005", "card"),
        ("four one one one, one one one one, one one one one, one one one one", "card"),
        ("four double one one, triple one one, one one one one, one one one one", "card"),
        ("DE89 3704 0044 0532 0130 00", "iban"),
        ("GB82WEST12345698765432", "iban"),
        ("fr14 2004 1010 0505 0001 3m02 606", "iban"),
        ("123-45-6789", "id"),
        ("AB 12 34 56 C", "id"),
        ("65 929 970 489", "id"),
        ("12345678Z", "id"),
        ("X1234567L", "id"),
        ("2 55 08 14 168 025 38", "id"),
        ("RSSMRA85T10A562S", "id"),
        ("44051401359", "id"),
        ("529.982.247-25", "id"),
        ("756.9217.0769.85", "id"),
        ("131052-308T", "id"),
        ("811228-9874", "id"),
        ("2341 2341 2346", "id"),
        ("11010519491231002X", "id"),
        ("85.07.30-033.28", "id"),
        ("sk-proj-abcdefghijklmnop1234", "secret"),
        ("AKIAIOSFODNN7EXAMPLE", "secret"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc_def-1", "secret"),
        ("ghp_abcdefghijklmnopqrstuvwxyz0123456789", "secret"),
        ("-----BEGIN RSA PRIVATE KEY----- MIIabc def -----END RSA PRIVATE KEY-----", "secret"),
        ("https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX", "secret"),
        ("q7Rz0LxW4vTn8KpYs2BdHf6GjMc1EuQa", "secret"),
        ("maria underscore lopez at example dot org", "email"),
        ("maria arroba ejemplo punto com", "email"),
        ("maria arobase exemple point fr", "email"),
        ("maria chiocciola esempio punto it", "email"),
        ("maria at beispiel punkt de", "email"),
        ("maria @ example.com", "email"),
        ("maria\uff20example.com", "email"),
        ("maria@example dot com", "email"),
        ('"maria lopez"@example.com', "email"),
        ("maria@192.168.4.88", "email"),
        ("(11) 91235-7852", "phone"),
        ("8 (912) 345-84-37", "phone"),
        ("011 44 20 7946 0232", "phone"),
        ("07700900873", "phone"),
        ("415–555–2863", "phone"),
        ("4111_1111_1111_1111", "card"),
        ("4111  1111  1111  1111", "card"),
        ("4111 - 1111 - 1111 - 1111", "card"),
        ("DE89.3704.0044.0532.0130.00", "iban"),
        ("D E 8 9 3 7 0 4 0 0 4 4 0 5 3 2 0 1 3 0 0 0", "iban"),
        ("DE89 - 3704 - 0044 - 0532 - 0130 - 00", "iban"),
        ("123.45.6789", "id"),
        ("123 - 45 - 6789", "id"),
        ("18075939333", "id"),
        ("570324-2428314", "id"),
        ("12.345.678-5", "id"),
        ("20-12345678-6", "id"),
        ("112-233-445 95", "id"),
        ("820421/8770", "id"),
        ("S3896729J", "id"),
        ("2630605035839", "id"),
        ("AEJM710902MNLLTW09", "id"),
        (f"MT{'fN3BHgtGg53DojVi09xRgu'}.Gq41Be.n41LWFSlwPTILr4XF3OhMakMce4", "secret"),
        (f"hvs.{'5j1rNqDhCLN1XtnzIa3iSV8Qd2wFkhpdEaHlLR9r'}", "secret"),
        (f"glrt-{'b7lRGuFyQWq15so3wm9U'}", "secret"),
        (f"sbp_{'d16d31a978173e82d51350e022b0c1c587030b42'}", "secret"),
        (f"{'6dbb2b6997acf106542bbc7f86f1c941'}-us12", "secret"),
        (f"eyJ{'yy979nWBhCwIEUNeisnswHJ4DJo5d7'}..E0kxqcM1oQOvakbd.0hrYK81Zy7xZ9vnY2SUO.LokfYkfukCDr", "secret"),
    ],
)
def test_personal_data_is_found_in_a_sentence(text: str, kind: str) -> None:
    assert found(f"And so it is {text}, as I said.") == {text: kind}


@pytest.mark.parametrize(
    ("sentence", "value", "kind"),
    [
        ("Call me at 555 0199, will you?", "555 0199", "phone"),
        ("My phone number is five five five oh one nine nine.", "five five five oh one nine nine", "phone"),
        ("The password is hunter2! and that is all.", "hunter2!", "secret"),
        ("api_key = 'a81b22c93d'", "a81b22c93d", "secret"),
        ("Authorization: Bearer abc123def456ghi", "abc123def456ghi", "secret"),
        ("postgres://admin:s3cr3tpw@db.example.org/main", "admin:s3cr3tpw", "secret"),
        ("Zijn BSN is 111222333.", "111222333", "id"),
        ("My social security number is 123 45 6789.", "123 45 6789", "id"),
        (
            "My social security number is three seven five seven seven five nine seven eight.",
            "three seven five seven seven five nine seven eight",
            "id",
        ),
        ("Her passport number is C01234567, he said.", "C01234567", "id"),
        ("O contribuinte 262 497 387 pagou.", "262 497 387", "id"),
        ("TC kimlik 79106167108 idi.", "79106167108", "id"),
        ("PPS number 4748427T, please.", "4748427T", "id"),
        ("My number is 98765 47475 in Mumbai.", "98765 47475", "phone"),
        ("Send an e-mail to maria at example.com today.", "maria at example.com", "email"),
        ("IBAN: DE 89 370400440532013000", "DE 89 370400440532013000", "iban"),
        ("Card no.4111111111111111", "4111111111111111", "card"),
        ("Le mot de passe : Zx81!pq", "Zx81!pq", "secret"),
        ("La contraseña es Zx81!pq", "Zx81!pq", "secret"),
        ("Log in with the password Zx81!pq and wait.", "Zx81!pq", "secret"),
        ("The password was changed to Zx81!pq.", "Zx81!pq", "secret"),
        ("The passphrase is correct-horse-battery-staple.", "correct-horse-battery-staple", "secret"),
        ("His PIN is 6057, no less.", "6057", "secret"),
        ("Your verification code 689839 expires.", "689839", "secret"),
        ("redis://:IXIKtQt9BKd3@cache:6379", ":IXIKtQt9BKd3", "secret"),
        ("Cookie: sessionid=uPTkg1yKURgvpfSxYqqnF9lxA5G2Ki7C", "uPTkg1yKURgvpfSxYqqnF9lxA5G2Ki7C", "secret"),
        ("https://example.com/x?token=ttXlbhiYOPBmrgxYwvex", "ttXlbhiYOPBmrgxYwvex", "secret"),
    ],
)
def test_a_word_before_a_value_says_what_the_value_is(sentence: str, value: str, kind: str) -> None:
    assert found(sentence)[value] == kind


@pytest.mark.parametrize(
    "sentence",
    [
        "There were 150,000 trips in 1999-2004, and 1 000 000 people in 2019 2020 2021.",
        "They won 21-19 21-17 21-15, and lost 3-2, 6-4 6-3 7-5.",
        "On 26.11.2024, at 10:30:00 on 2024-11-26, the server 192.168.100.200 went down.",
        "ISBN 978-3-16-148410-0 costs 3.14159265358979 dollars, or 0.00012345 of 10 000 000.",
        "Between 1914-1918 and 1939-1945 the population was 12.345.678 in 4 222 222 households.",
        "One two three four five six seven eight nine ten. Ten nine eight seven six five four three two one zero.",
        "The token is important, the password is something people forget, the secret is patience.",
        "Look at the dot com bubble, at noon, at example.",
        "Version 10.15.7.1234 of build 20241126103000, error 0x80070057, order 12345678.",
        "The video is https://www.youtube.com/watch?v=dQw4w9WgXcQ and https://doi.org/10.1000/033/04/0539-0547.",
        "supercalifragilisticexpialidociousness and pneumonoultramicroscopicsilicovolcanoconiosis",
        "commit 0a1b2c3d4e5f60718293a4b5c6d7e8f901234567, uuid 6f2b2a52-0a55-5a0e-9c7f-6d1c5b1f3a10",
        "The sea rises by 2050 and 69 centimetres by 2100, or by 20 and in 2019 by 12 345 678 tonnes of carbon.",
        "At this point be brief, at some point in time, and at one point it was a punt me and you took.",
        "The passport is blue, the password protected file of 2019 is gone, and the pin is 12 metres long.",
        "https://photos.example/uploads/cover_full_592aef91cce2432e71c739804161e0fb.jpg shows album a.342779639158811.",
        "You can call 911 or 112; in 2008 the GDP was 14,713 billion.",
    ],
)
def test_other_numbers_and_words_are_left_alone(sentence: str) -> None:
    assert found(sentence) == {}


def test_all_planted_values_are_found() -> None:
    missed = [
        (kind, value)
        for kind, values in planted(40).items()
        for value in values
        if value not in found(f"the password is {value} ok" if kind == "password" else f"we read {value} there")
    ]

    assert missed == []


@given(st.text(alphabet=" 0123456789-+().@abeyJsk_AZ=:/dot\n", max_size=400))
def test_any_text_is_read_to_its_end(text: str) -> None:
    for value in found(text):
        assert value in text
