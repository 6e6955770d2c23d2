from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from proxy.source.inquiry import MAX_NOTES, MAX_QUESTIONS, MAX_WISHES, Candidate, EnoughError, Inquiry
from proxy.source.model import Absent, File, Note, Open, Question, Read, Repository, Snapshot

if TYPE_CHECKING:
    from proxy.source.model import Asking

SHOP = Repository("acme", "shop")
HOME = Snapshot(SHOP, "main", "1" * 40)


def drive(asking: Asking[Any], *answers: object) -> tuple[Any, list[Question[Any]]]:
    """Send the answers in turn; the result and what was asked."""
    asked: list[Question[Any]] = []
    waiting = iter(answers)
    answer: object = None
    while True:
        try:
            asked.append(asking.send(answer))
        except StopIteration as end:
            return end.value, asked
        answer = next(waiting, None)


def test_a_question_is_asked_once_and_its_answer_kept() -> None:
    inquiry = Inquiry()
    file = File(HOME, "a.py", "0" * 40, b"x")
    assert drive(inquiry.read("rule", HOME, "a.py"), file) == (file, [Read("rule", HOME, "a.py")])
    assert drive(inquiry.read("other", HOME, "a.py")) == (file, [])
    assert drive(inquiry.open("rule", SHOP, "v1"), Absent.REF)[0] is Absent.REF
    assert drive(inquiry.open("rule", Repository("ACME", "Shop"), "v1")) == (Absent.REF, [])
    assert drive(inquiry.open("rule", SHOP, "v2"), HOME)[0] is HOME


def test_not_there_is_kept_too() -> None:
    inquiry = Inquiry()
    drive(inquiry.read("rule", HOME, "a.py"), None)
    assert drive(inquiry.read("rule", HOME, "a.py")) == (None, [])


def test_the_first_candidate_that_is_there() -> None:
    inquiry = Inquiry()
    file = File(HOME, "b.py", "0" * 40, b"x")
    candidates = [Candidate("one", "a.py"), Candidate("two", "b.py"), Candidate("three", "c.py")]
    found, asked = drive(inquiry.first(HOME, candidates), None, file)
    assert found == ("two", file)
    assert asked == [Read("one", HOME, "a.py", ("b.py", "c.py")), Read("two", HOME, "b.py", ("c.py",))]
    assert inquiry.tried == ["acme/shop/a.py"]


def test_wishes_are_new_unique_and_bounded() -> None:
    inquiry = Inquiry()
    drive(inquiry.read("rule", HOME, "known.py"), None)
    wishes = ["known.py", "a.py", "b.py", "b.py", *(f"{number}.py" for number in range(100))]
    _, (asked,) = drive(inquiry.read("rule", HOME, "a.py", wishes))
    assert isinstance(asked, Read)
    assert asked.wishes[:2] == ("b.py", "0.py")
    assert len(asked.wishes) == MAX_WISHES
    _, (opened,) = drive(inquiry.open("rule", SHOP, "v1", wishes))
    assert isinstance(opened, Open)
    assert len(opened.wishes) == MAX_WISHES


def test_remarks_are_made_once_and_bounded() -> None:
    inquiry = Inquiry()
    assert drive(inquiry.note("rule", "text"))[1] == [Note("rule", "text")]
    assert drive(inquiry.note("rule", "text"))[1] == []
    said = sum(len(drive(inquiry.note("rule", str(number)))[1]) for number in range(200))
    assert said == MAX_NOTES - 1


def test_after_so_many_questions_it_ends() -> None:
    inquiry = Inquiry()
    for number in range(MAX_QUESTIONS):
        drive(inquiry.read("rule", HOME, f"{number}.py"))
    assert drive(inquiry.read("rule", HOME, "0.py")) == (None, [])
    with pytest.raises(EnoughError):
        drive(inquiry.read("rule", HOME, "new.py"))
