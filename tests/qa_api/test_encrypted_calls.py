"""A call that nobody can hear yet: what the API says of it."""

from storage.model import Gap, Side
from tests.qa_api.office import Office
from tests.storage.handoffs import a_call, encrypted


def test_what_is_closed_and_kept_is_told_but_not_where_it_lies(office: Office) -> None:
    gap = Gap(side=Side.B, start=0, seconds=60, cause="encrypted")
    call = a_call(1, encrypted=encrypted(b"packets", Side.B), gaps=(gap,))
    office.catalogue.calls.add(call)
    browser = office.known("compliance")
    detail = browser.get(f"/api/v1/calls/{call.id}").json()
    assert detail["recording"] is None
    assert detail["encrypted"] == {"sides": ["B"], "bytes": 7}
    assert detail["gaps"][0]["cause"] == "encrypted"
    assert browser.get(f"/api/v1/calls/{call.id}/audio").status_code == 404


def test_of_other_calls_nothing_is_told(office: Office) -> None:
    office.catalogue.calls.add(a_call(1))
    browser = office.known("compliance")
    assert browser.get(f"/api/v1/calls/{a_call(1).id}").json()["encrypted"] is None
