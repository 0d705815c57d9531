# ruff: noqa: RUF001 -- texts of many scripts look like one another
"""What readers take for one text is one text, script by script; what differs stays different."""

from __future__ import annotations

import unicodedata

import pytest

from benchmark.data.base import Utterance
from benchmark.data.disjoint import check_disjoint
from benchmark.data.text import normalise
from benchmark.data.vocabulary import Vocabulary
from benchmark.errors import DataError
from benchmark.scoring.errors import score

ONE_TEXT = [
    # Arabic: stretched, presentation forms, lam-alef, keys of a neighbour's keyboard
    ("ar", "الكتاب", "الـكـتـاب", "ﺍﻟﻜﺘﺎﺏ", "الکتاب"),
    ("ar", "سلام", "ﺳﻼﻡ", "ســلام"),
    ("ar", "مؤمن", "مو\u0654من"),
    ("ar", "علي", "علي\u200f", "\u202bعلي\u202c"),
    ("ar", "على", "علی"),
    ("fa", "کتابی", "كتابي", "كتابى", "کتـابی"),
    ("fa", "می\u200cخواهم", "مي\u200cخواهم", "می\u200c\u200cخواهم"),
    ("fa", "کارها", "کار\u200cها"),
    ("fa", "خانۀ ما", "خانه\u0654 ما"),
    ("ur", "یہ ہے", "يه هے", "یـہ ہے"),
    ("ps", "کور", "كور"),
    ("sd", "ڪتاب", "كتاب"),
    ("ckb", "کوردستان ئەو", "كوردستان ئه\u200cو"),
    ("ckb", "هەولێر".replace("ه", "ھ"), "هەولێر"),
    ("ug", "ئۇيغۇر تىلى", "ئۇیغۇر تىلى"),
    # Hebrew and Yiddish
    ("he", "צה״ל", 'צה"ל', "צה''ל", "צה”ל"),
    ("he", "שָׁלוֹם", "ש\u05c1\u05b8לו\u05b9ם", "\ufb2a\u05b8ל\ufb4bם"),
    ("yi", "ײַז װאָס", "יי\u05b7ז וואָס"),
    # Indic vowel letters, nukta, khanda ta, chillus
    ("hi", "आम", "अाम"),
    ("hi", "क़लम", "क\u093cलम"),
    ("mr", "दऱ्या", "दर्\u200dया"),
    ("bn", "হঠাৎ", "হঠাত্\u200d"),
    ("bn", "আমি", "অামি"),
    ("pa", "ਆਈ", "ਅਾੲੀ"),
    ("gu", "આઓ", "અાઅો"),
    ("or", "ଆମ", "ଅାମ"),
    ("ta", "ஸ்ரீ", "ஶ்ரீ"),
    ("ta", "கொடு", "கெ\u0bbeடு"),
    ("te", "ఓడ", "ఒ\u0c55డ"),
    ("kn", "ಔಷಧ", "ಒೌಷಧ"),
    ("ml", "അവൻ അവർ", "അവന്\u200d അവര്\u200d"),
    ("ml", "ഈ", "ഇ\u0d57"),
    ("si", "ආයුබෝවන්", "අ\u0dcfයුබෝවන්"),
    # Thai, Lao, Khmer, Burmese, Tibetan
    ("th", "น้ำ", "น\u0e4d\u0e49า", "น\u0e49\u0e4dา", "นำ\u0e49"),
    ("th", "แมว", "เเมว"),
    ("lo", "ນ້ຳ", "ນ\u0ecd\u0ec9າ", "ນ\u0ec9\u0ecdາ"),
    ("lo", "ໜູ", "ຫນູ"),
    ("km", "ស្ត្រី", "ស្រ្តី"),
    ("km", "កើត", "កេីត"),
    ("my", "မြန်မာ", "မြန်\u200bမာ".replace("\u200b", "\u2060")),
    ("my", "ဝင်", "၀င်"),
    ("my", "ညို", "ညု\u102d"),
    ("bo", "ཀྲྀ", "ཀ\u0f76"),
    ("bo", "བོད་སྐད", "བོད༌སྐད"),
    # Georgian, Armenian, Cherokee
    ("ka", "საქართველო", "ᲡᲐᲥᲐᲠᲗᲕᲔᲚᲝ", "ႱႠႵႠႰႧႥႤႪႭ", "ⴑⴀⴕⴀⴐⴇⴅⴄⴊⴍ"),
    ("hy", "և", "եւ", "ԵՒ"),
    ("hy", "ինչու", "ինչո՞ւ"),
    ("chr", "ᏣᎳᎩ", "ꮳꮃꭹ"),
    # Hangul, kana, Han
    ("ko", "한국어", unicodedata.normalize("NFD", "한국어")),
    ("ko", "ㅋㅋ", "\u110f\u110f", "ﾻﾻ"),
    ("ja", "ガード", "ｶﾞｰﾄﾞ", "カ\u3099ート\u3099", "カ゛ード"),
    ("ja", "コーヒー", "コ―ヒ―", "コ－ヒ－", "コ〜ヒー"),
    ("zh", "人口不更", "⼈⼝不更", "人口不\uf901"),
    ("zh", "abc 123", "ＡＢＣ　１２３"),
    ("mn", "ᠮᠣᠩᠭᠣᠯ", "ᠮᠣᠩ\u180bᠭᠣᠯ", "ᠮᠣᠩ\u180aᠭᠣᠯ"),
    # Latin, Greek, Cyrillic
    ("ro", "știință în țară", "ştiinţă în ţară", "s\u0326tiint\u0326ă în t\u0326ară"),
    ("tr", "şu çocuk", "șu çocuk"),
    ("tr", "istanbul", "İstanbul", "i\u0307stanbul"),
    ("de", "straße", "STRAẞE"),
    ("nl", "ijsje", "ĳsje", "Ĳsje"),
    ("hr", "džep ljubav njega", "ǆep ǉubav ǌega", "ǅep ǈubav ǋega"),
    ("ca", "col·legi", "coŀlegi", "col•legi", "col‧legi", "col.legi"),
    ("en", "office fluff", "oﬃce ﬂuﬀ", "𝗼𝗳𝗳𝗶𝗰𝗲 𝑓𝑙𝑢𝑓𝑓"),
    ("en", "don't", "don’t", "don‘t", "don`t", "donʼt", "don＇t"),
    ("en", "louis viii", "Louis Ⅷ"),
    ("uk", "м'ята", "мʼята", "м’ята", "м`ята"),
    ("haw", "ʻokina", "'okina", "‘okina", "’okina"),
    ("uz", "togʻ oʻzbek", "tog' o'zbek", "tog‘ o‘zbek", "togʼ oʼzbek"),
    ("br", "c'hoar", "cʼhoar", "c’hoar"),
    ("it", "l'acqua", "l’acqua"),
    ("vi", "đường", "Ðường", "đ\u01b0ơ\u0300ng"),
    ("yo", "ọmọ", "o\u0329mo\u0329"),
    ("lt", "í", "i\u0307\u0301"),
    ("el", "ώρα", "ώρα", "ω\u0301ρα"),
    ("el", "σοφός", "ΣΟΦΌΣ", "ϲοφόϲ", "σοφόσ"),
    ("pl", "łódź", "l\u0335ódz\u0301"),
    # Digits of one value
    ("fa", "سال 1402", "سال ۱۴۰۲", "سال ١٤٠٢"),
    ("hi", "12", "१२"),
    ("th", "25", "๒๕"),
]

TWO_TEXTS = [
    ("en", "½", "12"),
    ("en", "x²", "x2"),
    ("en", "20℃", "20c"),
    ("zh", "体", "體"),
    ("ja", "時々", "時時"),
    ("ja", "かき", "カキ"),
    ("ar", "سَلَام", "سلام"),
    ("ar", "قرأ", "قرا"),
    ("ar", "على", "علي"),
    ("ar", "مدرسة", "مدرسه"),
    ("ur", "بھر", "بہر"),
    ("ckb", "ئەو", "ئھو"),
    ("he", "דך", "דכ"),
    ("tr", "ısı", "isi"),
    ("ru", "все", "всё"),
    ("de", "masse", "maße"),
    ("ro", "fata", "fața"),
    ("ko", "ㄱㅏ", "가"),
    ("haw", "ʻae", "ae"),
    ("th", "มา", "ม้า"),
    ("ml", "അവൻ", "അവന്"),
    ("el", "πώς", "πως"),
]


@pytest.mark.parametrize(("language", "text", "others"), [(t[0], t[1], t[2:]) for t in ONE_TEXT])
def test_what_readers_take_for_one_text_is_one(
    language: str, text: str, others: tuple[str, ...]
) -> None:
    assert {normalise(other, language) for other in others} == {normalise(text, language)}


@pytest.mark.parametrize(("language", "one", "other"), TWO_TEXTS)
def test_what_readers_tell_apart_stays_apart(language: str, one: str, other: str) -> None:
    assert normalise(one, language) != normalise(other, language)


@pytest.mark.parametrize("char", list("ﬁﬃĳǆŉſﷲﻼﺐｶＡ𝐀ﾊⅧ⼈"))
def test_letters_in_another_shape_are_those_of_nfkc(char: str) -> None:
    expected = normalise(unicodedata.normalize("NFKC", char), "en")
    assert normalise(char, "en") == expected


@pytest.mark.parametrize(
    ("language", "train", "test"),
    [
        ("ar", "هذا كتاب جديد", "هذا كتـاب جديد"),
        ("ml", "അവൻ വന്നു", "അവന്\u200d വന്നു"),
        ("ja", "ガードする", "ｶﾞｰﾄﾞする"),
    ],
)
def test_leak_score_and_vocabulary_know_one_text(language: str, train: str, test: str) -> None:
    pool = [Utterance("a", language, "train", "s", train, 1.0, "x")]
    heard = [Utterance("b", language, "test", "t", test, 1.0, "y")]
    with pytest.raises(DataError, match="share their text"):
        check_disjoint(pool, heard, frozenset({"text"}))
    assert score([test], [train], language, "wer").words.total == 0
    vocabulary = Vocabulary.of("characters", [normalise(train, language)])
    assert vocabulary.extended([normalise(test, language)]) == vocabulary


@pytest.mark.parametrize("size", [1_000, 100_000])
def test_a_text_of_any_length_is_read_in_time_that_grows_with_it(size: int) -> None:
    assert len(normalise("ا" * size + "b" * size, "fa")) == 2 * size
