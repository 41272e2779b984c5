"""The practice service's scheduler and accounts: slots, running jobs, cancelling."""

from __future__ import annotations

import pytest
from practice import Service

from tempolor_magic.sandbox.accounts import choose, numbered
from tempolor_magic.sandbox.orders import Order
from tempolor_magic.sandbox.refusals import Refused
from tempolor_magic.sandbox.world import World

STRANGER = "user:12345-tempolor:100198329-job:abcdef123456789"


def running(service: Service) -> list[str]:
    """The ids that the scheduler tells."""
    return [entry["job_id"] for entry in service.get("/scheduler/")]


def test_the_scheduler_tells_what_runs() -> None:
    """Over all accounts and both types, oldest first, until each job's end."""
    service = Service(accounts={"111": 1, "222": 1})
    song = service.submit()
    service.time += 83.5
    instrumental = service.submit_instrumental(replyRef="mine")
    first, second = service.get("/scheduler/")
    assert first == {"job_id": song, "started": "2026-09-21T14:13:20.000Z", "elapsed": "01:23"}
    assert (second["job_id"], second["elapsed"]) == (instrumental, "00:00")
    assert (second["replyRef"], "replyUrl" in second) == ("mine", False)
    service.time += 16.5
    assert running(service) == [instrumental]
    service.time += 83.5
    assert running(service) == []


def test_minutes_pass_the_hour() -> None:
    """``elapsed`` has no hours."""
    world = World(token="user:12345-secret", seed=1, song_seconds=9_000)
    world.submit(Order("rain"), now=0)
    assert [entry["elapsed"] for entry in world.executing(4_502)] == ["75:02"]


def test_a_cancelled_job_goes_on() -> None:
    """It leaves the scheduler, keeps its slot, is still listed, and finishes."""
    service = Service(slots=1)
    job_id = service.submit()
    answer = service.call("DELETE", f"/scheduler/{job_id}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert running(service) == []
    (account,) = service.get("/scheduler/available")["available"]
    assert (account["executing"], account["available"]) == (0, 1)
    assert service.call("POST", "/music/song", json={"prompt": "rain"}).status_code == 429
    (record,) = service.get("/music/")["records"]
    assert (record["job_id"], record["status_name"]) == (job_id, "GENERATING")
    service.time += 100
    assert service.get(f"/music/{job_id}")["status_name"] == "COMPLETED"


def test_only_what_runs_can_be_cancelled() -> None:
    """Once; strangers, finished jobs and wrong ids are told apart from each other."""
    service = Service()
    unknown = (404, {"error": "Unable to locate running job_id", "code": 404})
    finished = service.finished()
    cancelled = service.submit()
    service.call("DELETE", f"/scheduler/{cancelled}")
    for job_id in (finished, cancelled, STRANGER):
        assert service.said("DELETE", f"/scheduler/{job_id}") == unknown
    wrong = (400, {"error": "job_id has incorrect format", "code": 400})
    assert service.said("DELETE", "/scheduler/nonsense") == wrong


def test_free_slots_are_told_by_account() -> None:
    """The account with most free ones first, and all that runs beside it."""
    service = Service(accounts={"222": 3, "111": 2})
    ids = [service.submit(user_id="222") for _ in range(2)]
    said = service.get("/scheduler/available")
    assert said["available"] == [
        {"user_id": "111", "maxJobs": 2, "executing": 0, "available": 2},
        {"user_id": "222", "maxJobs": 3, "executing": 2, "available": 1},
    ]
    assert [entry["job_id"] for entry in said["executing"]] == ids


def test_an_order_for_any_account_goes_to_the_freest() -> None:
    """Until all are full; then the hint is about the first slot that frees anywhere."""
    service = Service(accounts={"111": 1, "222": 2})
    accounts = []
    for _ in range(3):
        accounts.append(service.submit().split(":")[2].partition("-")[0])
        service.time += 10
    assert accounts == ["222", "111", "222"]
    body = {"prompt": "rain"}
    assert service.call("POST", "/music/song", json=body).headers["retry-after"] == "70"
    narrow = service.call("POST", "/music/song", json={**body, "user_id": "111"})
    assert (narrow.status_code, narrow.headers["retry-after"]) == (429, "80")


def test_a_request_may_set_its_own_limit() -> None:
    """``maxJobs`` counts instead of the account's, for that request only."""
    service = Service(slots=1)
    service.submit()
    service.submit(maxJobs=3)
    (account,) = service.get("/scheduler/available")["available"]
    assert (account["maxJobs"], account["executing"], account["available"]) == (1, 2, -1)
    body = {"prompt": "rain", "maxJobs": 2}
    assert service.call("POST", "/music/song", json=body).status_code == 429


@pytest.mark.parametrize(
    ("ends", "limits", "outcome"),
    [
        ({"a": [], "b": []}, {"a": 1, "b": 1}, "a"),
        ({"a": [5], "b": [5]}, {"a": 2, "b": 3}, "b"),
        ({"a": [5]}, {"a": 1, "b": 9}, 5),
        ({"a": [9, 5], "b": [7]}, {"a": 2, "b": 1}, 5),
        ({"a": [9, 5, 3, 7]}, {"a": 2}, 7),
        ({"a": [0.2]}, {"a": 1}, 1),
    ],
)
def test_the_freest_account_is_chosen(
    ends: dict[str, list[float]], limits: dict[str, int], outcome: str | int
) -> None:
    """Among those asked; or the seconds until the first one has a slot, at least one."""
    if isinstance(outcome, str):
        assert choose(ends, limits, now=0) == outcome
        return
    with pytest.raises(Refused) as caught:
        choose(ends, limits, now=0)
    assert (caught.value.status, caught.value.headers["Retry-After"]) == (429, str(outcome))


def test_accounts_are_told_with_what_must_not_be_shown() -> None:
    """Keyed by id and one by one; ``requestParams`` holds a credential, as at the service."""
    service = Service(accounts={"111": 1, "222": 20})
    accounts = service.get("/accounts")
    assert {name: account["maxJobs"] for name, account in accounts.items()} == {"111": 1, "222": 20}
    for name, account in accounts.items():
        assert service.get(f"/accounts/{name}") == account
        assert f"credential-of-{name}" in str(account["requestParams"])


@pytest.mark.parametrize(
    ("accounts", "path"), [({}, "/accounts"), ({}, "/accounts/111"), ({"222": 1}, "/accounts/111")]
)
def test_no_account_is_an_empty_404(accounts: dict[str, int], path: str) -> None:
    """None linked at all, or not that one."""
    answer = Service(accounts=accounts).call("GET", path)
    assert (answer.status_code, answer.content) == (404, b"")


def test_without_any_account_nothing_is_made() -> None:
    """404 for orders and lists; free slots are an empty list."""
    service = Service(accounts={})
    assert service.call("POST", "/music/song", json={"prompt": "rain"}).status_code == 404
    assert service.call("GET", "/music/").status_code == 404
    assert service.get("/scheduler/available") == {"executing": [], "available": []}


def test_an_account_has_at_least_one_slot() -> None:
    """A world without slots could promise no time at which one frees."""
    with pytest.raises(ValueError, match="at least one slot"):
        World(token="user:1-x", seed=1, accounts={"111": 0})
    assert numbered(2, slots=10) == {"100198329": 10, "100198330": 10}
