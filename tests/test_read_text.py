import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.text import clean, codec, decode, judge

WRITTEN = [
    ("gb18030", ["河流名称", "藤桥镇河长", "张三", "簰洲湾镇", "龙岗河"]),
    ("big5", ["河流名稱", "龍崗河", "鄉鎮河長"]),
    ("cp932", ["日本語のテスト", "カタカナひらがな"]),
    ("euc_jp", ["ひたちなか市"]),
    ("utf-8", ["河流名称", "Zürich", "Река Волга"]),
    ("cp1252", ["São Paulo", "Charløtte"]),
    ("cp1251", ["Москва река"]),
]


@pytest.mark.parametrize(
    ("encoding", "text"), [(name, text) for name, texts in WRITTEN for text in texts]
)
def test_text_reads_back_whatever_it_was_written_in(encoding, text):
    raw = text.encode(encoding)
    assert raw.decode(judge([raw]).encoding) == text


def test_a_false_claim_is_overruled_by_the_text():
    judged = judge(["龙岗河".encode("gb18030"), "河流名称".encode("gb18030")], told="UTF-8")
    assert judged.encoding == "gb18030"


def test_a_true_claim_decides_between_equals():
    raw = "Straße".encode("cp1250")
    assert judge([raw], told="1250").encoding == "cp1250"


def test_a_byte_order_mark_is_no_part_of_the_first_header():
    assert decode(b"\xef\xbb\xbf\xe5\xba\x8f\xe5\x8f\xb7,a")[0] == "序号,a"


def test_noise_is_called_doubtful():
    noise = b"".join(hashlib.sha256(bytes([i])).digest() for i in range(20))
    assert judge([noise]).doubtful


@given(st.binary(max_size=200))
def test_decode_never_raises(raw):
    text, judged = decode(raw)
    assert isinstance(text, str)
    assert codec(judged.encoding) or judged.encoding.startswith("utf")


@given(st.text(max_size=50))
def test_clean_text_has_no_controls(text):
    cleaned = clean(text)
    assert not any(c < " " and c not in "\n\t" for c in cleaned)
    assert clean(cleaned) == cleaned
