"""The reviewer pages over the store in memory and the tiny stages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.pages.language import Language, catalogue
from api.pages.session import form_token
from tests.fakes.services import FakeServices

COMMENT = "活动期间确实支持七天"


@pytest.fixture
def browser(services: FakeServices) -> Iterator[TestClient]:
    """Logged in by the link, reads English."""
    with TestClient(create_app(services), follow_redirects=True) as client:
        client.headers["Accept-Language"] = "en"
        assert client.get("/login", params={"token": services.access.new_login_token()}).status_code == 200
        yield client


def inspect(services: FakeServices, browser: TestClient, chat: dict[str, Any]) -> str:
    """Hand a chat in and work it off; its id."""
    key = {"Authorization": f"Bearer {services.access.new_key('test')}"}
    answer = browser.post("/v1/conversations", json=chat, headers=key)
    services.work()
    return str(answer.json()["id"])


def finding_form(page: str) -> tuple[str, str]:
    """The address of the first verdict form and its token."""
    address = re.search(r'action="(/chats/[^"]+/verdict)"', page)
    token = re.search(r'name="form_token"\s+value="([^"]+)"', page)
    assert address is not None
    assert token is not None
    return address[1], token[1]


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


class TestAccess:
    def test_a_link_opens_the_queue_and_a_session_that_scripts_and_other_sites_cannot_reach(
        self, services: FakeServices, anonymous: TestClient
    ) -> None:
        answer = anonymous.get("/login", params={"token": services.access.new_login_token()}, follow_redirects=False)
        cookie = answer.headers["set-cookie"].lower()
        assert (answer.status_code, answer.headers["location"]) == (303, "/queue")
        assert "qa_session=" in cookie
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert "path=/" in cookie

    def test_a_spent_link_says_what_to_do(self, services: FakeServices, anonymous: TestClient) -> None:
        token = services.access.new_login_token()
        anonymous.get("/login", params={"token": token})
        anonymous.cookies.clear()
        answer = anonymous.get("/login", params={"token": token, "lang": "en"})
        assert answer.status_code == 401
        assert "already been used" in answer.text
        assert "Start the service again" in answer.text
        assert token not in answer.text

    def test_the_form_logs_in_under_a_name_and_remembers_it(
        self, services: FakeServices, anonymous: TestClient
    ) -> None:
        answer = anonymous.post("/login", data={"token": services.access.new_login_token(), "name": " 王敏 "})
        assert answer.status_code == 200
        assert "王敏" in answer.text
        assert "王敏" in anonymous.get("/agents").text

    def test_a_changed_name_is_shown(self, browser: TestClient) -> None:
        _, token = "", form_token(browser.cookies["qa_session"])
        assert "李雷" in browser.post("/name", data={"form_token": token, "name": "李雷"}).text

    @pytest.mark.parametrize(
        "path", ["/", "/queue", "/chats/x", "/agents", "/agents/a-7", "/shop", "/performance/export"]
    )
    def test_no_page_opens_without_a_session(self, anonymous: TestClient, path: str) -> None:
        assert anonymous.get(path).status_code == 401

    def test_an_unknown_session_is_refused(self, anonymous: TestClient) -> None:
        anonymous.cookies.set("qa_session", "made-up")
        assert anonymous.get("/queue").status_code == 401

    def test_logging_out_takes_the_session_away(self, browser: TestClient) -> None:
        page = browser.post("/logout", data={"form_token": form_token(browser.cookies["qa_session"])})
        assert "logged out" in page.text
        assert browser.get("/queue").status_code == 401

    @pytest.mark.parametrize("path", ["/logout", "/name"])
    def test_a_form_without_its_token_is_refused(self, browser: TestClient, path: str) -> None:
        assert browser.post(path, data={"name": "x"}).status_code == 403

    def test_the_form_of_another_session_is_refused(
        self, services: FakeServices, browser: TestClient, chat: dict[str, Any]
    ) -> None:
        address, _ = finding_form(browser.get(f"/chats/{inspect(services, browser, chat)}").text)
        other = services.access.log_in(services.access.new_login_token(), "other")
        assert other is not None
        answer = browser.post(address, data={"form_token": form_token(other), "decision": "confirm"})
        assert answer.status_code == 403
        assert "another session" in answer.text


class TestLanguage:
    def test_both_catalogues_have_the_same_keys_and_places(self) -> None:
        strings = {language: catalogue(language).strings for language in Language}
        assert strings[Language.ZH].keys() == strings[Language.EN].keys()
        for key, text in strings[Language.EN].items():
            places = [set(re.findall(r"{\w+}", words[key])) for words in strings.values()]
            assert places[0] == places[1], key
            assert text

    @pytest.mark.parametrize(
        ("query", "header", "expected"),
        [
            pytest.param("", "en-GB,zh;q=0.5", "Review queue", id="header"),
            pytest.param("", "fr, zh-CN;q=0.9, en;q=0.2", "复核队列", id="weights"),
            pytest.param("", "fr", "复核队列", id="unknown language"),
            pytest.param("", "en;q=x, zh;q=0.1", "复核队列", id="broken weight"),
            pytest.param("?lang=en", "zh", "Review queue", id="query wins"),
            pytest.param("?lang=xx", "en", "Review queue", id="unknown query"),
        ],
    )
    def test_pages_speak_the_language_asked_for(
        self, browser: TestClient, query: str, header: str, expected: str
    ) -> None:
        assert f"<h1>{expected}</h1>" in browser.get(f"/queue{query}", headers={"Accept-Language": header}).text

    def test_the_choice_is_kept(self, browser: TestClient) -> None:
        browser.get("/queue?lang=zh")
        assert "<h1>复核队列</h1>" in browser.get("/queue").text


class TestQueue:
    def test_flagged_chats_are_listed_and_calm_ones_are_not(
        self, services: FakeServices, browser: TestClient, chat: dict[str, Any]
    ) -> None:
        chat_id = inspect(services, browser, chat)
        calm = {**chat, "external_id": "calm", "turns": [{"role": "customer", "text": "你好"}]}
        inspect(services, browser, calm)
        page = browser.get("/queue").text
        assert f'href="/chats/{chat_id}"' in page
        assert "Unauthorised promise" in page
        assert "calm" not in page

    @pytest.mark.parametrize(
        ("query", "is_shown"),
        [
            pytest.param("shop=demo&channel=taobao&agent=a-7", True, id="all match"),
            pytest.param("shop=other", False, id="other shop"),
            pytest.param("severity=critical", False, id="other severity"),
            pytest.param("category=unauthorized_promise", True, id="category"),
            pytest.param("since=2026-11-02&until=2026-11-02", True, id="both days included"),
            pytest.param("since=2026-11-03", False, id="later"),
            pytest.param("state=overturned", False, id="other state"),
            pytest.param("state=all", True, id="all states"),
        ],
    )
    def test_filters_apply(
        self, services: FakeServices, browser: TestClient, chat: dict[str, Any], query: str, is_shown: bool
    ) -> None:
        chat_id = inspect(services, browser, chat)
        assert (chat_id in browser.get(f"/queue?{query}").text) is is_shown

    @pytest.mark.parametrize(
        "query", ["since=tomorrow", "until=9999-12-31", "severity=awful", "state=gone", "cursor=x"]
    )
    def test_a_filter_that_means_nothing_is_a_page_that_says_so(self, browser: TestClient, query: str) -> None:
        answer = browser.get(f"/queue?{query}")
        assert answer.status_code == 422
        assert "cannot be used" in answer.text

    def test_pages_follow_on_each_other(
        self, services: FakeServices, browser: TestClient, chat: dict[str, Any]
    ) -> None:
        ids = {inspect(services, browser, {**chat, "external_id": f"c-{n}"}) for n in range(27)}
        first = browser.get("/queue").text
        following = re.search(r'rel="next"\s+href="([^"]+)"', first)
        assert following is not None
        second = browser.get(unescape(following[1])).text
        shown = [set(re.findall(r'row-link"\s+href="/chats/(\w+)"', page)) for page in (first, second)]
        assert [len(page) for page in shown] == [25, 2]
        assert shown[0] | shown[1] == ids
        assert 'rel="next"' not in second


class TestChat:
    def test_evidence_is_marked_and_linked_with_its_finding(
        self, services: FakeServices, browser: TestClient, chat: dict[str, Any]
    ) -> None:
        page = browser.get(f"/chats/{inspect(services, browser, chat)}").text
        marked = re.search(r'<a class="hit hit-major"\s+href="#(finding-\w+)"[^>]*>七天</a>', page)
        assert marked is not None
        assert f'id="{marked[1]}"' in page
        assert "亲，" in page

    def test_stated_and_policy_values_stand_side_by_side(
        self, services: FakeServices, browser: TestClient, chat: dict[str, Any]
    ) -> None:
        said = text_of(browser.get(f"/chats/{inspect(services, browser, chat)}").text)
        assert "Stated 7 days" in said
        assert "return_days 3" in said

    def test_what_people_wrote_is_never_markup(
        self, services: FakeServices, browser: TestClient, chat: dict[str, Any]
    ) -> None:
        attack = '<script>alert(1)</script><img src=x onerror="alert(2)">{{7*7}}'
        chat["turns"][1]["text"] = f"{attack}七天{attack}"
        chat["turns"][0]["sender_id"] = attack
        chat["agents"][0]["name"] = attack
        chat["attributes"] = {attack: attack}
        chat_id = inspect(services, browser, {**chat, "external_id": attack, "shop": attack, "channel": attack})
        month = services.clock.now().strftime("%Y-%m")
        for path in (f"/chats/{chat_id}", "/queue", f"/agents?period={month}", "/agents/a-7", "/shop"):
            page = browser.get(path).text
            assert "<script>alert" not in page
            assert "<img src=x" not in page
        page = browser.get(f"/chats/{chat_id}").text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "{{7*7}}" in page

    def test_pages_hold_no_script_or_style_of_their_own(
        self, services: FakeServices, browser: TestClient, chat: dict[str, Any]
    ) -> None:
        chat_id = inspect(services, browser, chat)
        for path in (f"/chats/{chat_id}", "/queue", "/agents", "/agents/a-7", "/shop"):
            answer = browser.get(path)
            assert answer.status_code == 200
            assert "default-src 'none'" in answer.headers["content-security-policy"]
            assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|javascript:", answer.text)

    def test_overturning_computes_the_score_anew_and_keeps_the_machines(
        self, services: FakeServices, browser: TestClient, chat: dict[str, Any]
    ) -> None:
        chat_id = inspect(services, browser, chat)
        before = browser.get(f"/chats/{chat_id}").text
        assert re.search(r"data-total>\s*70\s*<", before)
        address, token = finding_form(before)
        data = {"form_token": token, "decision": "overturn", "comment": COMMENT}
        after = browser.post(address, data=data).text
        assert re.search(r"data-total>\s*100\s*<", after)
        assert "machine 70 → final 100" in text_of(after)
        assert COMMENT in after
        assert "Overturn by reviewer" in text_of(after)
        assert chat_id not in browser.get("/queue").text
        assert chat_id in browser.get("/queue?state=overturned").text

    def test_overturning_without_a_comment_asks_for_it_and_changes_nothing(
        self, services: FakeServices, browser: TestClient, chat: dict[str, Any]
    ) -> None:
        chat_id = inspect(services, browser, chat)
        address, token = finding_form(browser.get(f"/chats/{chat_id}").text)
        answer = browser.post(address, data={"form_token": token, "decision": "overturn", "comment": "  "})
        assert answer.status_code == 422
        assert 'aria-invalid="true"' in answer.text
        assert re.search(r"data-total>\s*70\s*<", answer.text)

    def test_a_verdict_on_a_finding_of_another_chat_is_not_found(
        self, services: FakeServices, browser: TestClient, chat: dict[str, Any]
    ) -> None:
        chat_id = inspect(services, browser, chat)
        other_id = inspect(services, browser, {**chat, "external_id": "c-2"})
        address, token = finding_form(browser.get(f"/chats/{chat_id}").text)
        answer = browser.post(address.replace(chat_id, other_id, 1), data={"form_token": token, "decision": "confirm"})
        assert answer.status_code == 404

    def test_an_appeal_follows_on_a_confirmation_but_not_on_an_appeal(
        self, services: FakeServices, browser: TestClient, chat: dict[str, Any]
    ) -> None:
        address, token = finding_form(browser.get(f"/chats/{inspect(services, browser, chat)}").text)
        browser.post(address, data={"form_token": token, "decision": "confirm"})
        data = {"form_token": token, "decision": "appeal", "comment": "看上下文"}
        page = browser.post(address, data=data).text
        assert 'value="overturn"' in page
        assert 'value="appeal"' not in page
        assert browser.post(address, data=data).status_code == 409

    def test_a_chat_that_was_only_suspected_can_be_cleared(
        self, services: FakeServices, browser: TestClient, chat: dict[str, Any]
    ) -> None:
        chat["turns"][1]["text"] = "你自己看"
        chat_id = inspect(services, browser, chat)
        assert chat_id in browser.get("/queue").text
        page = browser.get(f"/chats/{chat_id}").text
        token = re.search(r'name="form_token"\s+value="([^"]+)"', page)
        assert token is not None
        address = f"/chats/{chat_id}/clear"
        assert f'action="{address}"' in page
        data = {"form_token": token[1], "comment": COMMENT}
        after = browser.post(address, data=data).text
        assert "Cleared by reviewer" in text_of(after)
        assert COMMENT in after
        assert f'action="{address}"' not in after
        assert chat_id not in browser.get("/queue").text
        assert chat_id in browser.get("/queue?state=cleared").text
        assert browser.post(address, data=data).status_code == 409

    def test_a_chat_with_an_open_hit_cannot_be_cleared(
        self, services: FakeServices, browser: TestClient, chat: dict[str, Any]
    ) -> None:
        chat["turns"][1]["text"] += "，你自己看"
        assert "/clear" not in browser.get(f"/chats/{inspect(services, browser, chat)}").text

    def test_a_chat_without_a_result_says_so(
        self, services: FakeServices, browser: TestClient, chat: dict[str, Any]
    ) -> None:
        key = {"Authorization": f"Bearer {services.access.new_key('test')}"}
        chat_id = browser.post("/v1/conversations", json=chat, headers=key).json()["id"]
        page = browser.get(f"/chats/{chat_id}").text
        assert "waiting to be inspected" in page
        assert "七天内都可以退的哦" in page

    def test_a_chat_that_is_not_there_is_a_page_that_says_so(self, browser: TestClient) -> None:
        answer = browser.get("/chats/unknown")
        assert answer.status_code == 404
        assert answer.headers["content-type"].startswith("text/html")

    def test_other_kinds_of_turns_are_placeholders(
        self, services: FakeServices, browser: TestClient, chat: dict[str, Any]
    ) -> None:
        chat["turns"].insert(0, {"role": "customer", "kind": "image", "text": "http://127.0.0.1/x.png"})
        page = browser.get(f"/chats/{inspect(services, browser, chat)}").text
        assert "placeholder-image" in page
        assert "<img" not in page.split("<main", 1)[1]


class TestOverviews:
    @pytest.mark.parametrize("path", ["/agents", "/agents/a-7", "/shop"])
    def test_the_month_is_shown(
        self, services: FakeServices, browser: TestClient, chat: dict[str, Any], path: str
    ) -> None:
        inspect(services, browser, chat)
        said = text_of(browser.get(f"{path}?period=2026-11").text)
        assert "70.0" in said

    def test_the_days_of_the_chart_are_those_of_the_shops_clock(
        self, services: FakeServices, browser: TestClient, chat: dict[str, Any]
    ) -> None:
        inspect(services, browser, {**chat, "started_at": "2026-11-01T00:30:00+08:00"})
        page = browser.get("/agents/a-7?period=2026-11").text
        assert ">11-01<" in page

    @pytest.mark.parametrize("path", ["/agents", "/shop"])
    def test_a_month_without_chats_says_so(self, browser: TestClient, path: str) -> None:
        assert "No scored chats" in browser.get(f"{path}?period=2020-01").text

    @pytest.mark.parametrize("path", ["/agents", "/shop", "/agents/a-7", "/performance/export"])
    def test_a_wrong_month_is_refused(self, browser: TestClient, path: str) -> None:
        assert browser.get(f"{path}?period=2026-13").status_code == 422

    def test_an_agent_nobody_knows_is_not_found(self, browser: TestClient) -> None:
        assert browser.get("/agents/nobody").status_code == 404

    def test_an_agents_empty_month_is_no_error(
        self, services: FakeServices, browser: TestClient, chat: dict[str, Any]
    ) -> None:
        inspect(services, browser, chat)
        assert "No scored chats in 2020-01" in browser.get("/agents/a-7?period=2020-01").text

    @pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
    def test_files_can_be_taken_away(
        self, services: FakeServices, browser: TestClient, chat: dict[str, Any], kind: str
    ) -> None:
        inspect(services, browser, chat)
        answer = browser.get(f"/performance/export?period=2026-11&format={kind}")
        assert answer.status_code == 200
        assert f'filename="performance-2026-11.{kind}"' in answer.headers["content-disposition"]
        assert answer.content

    def test_a_file_of_another_format_is_refused(self, browser: TestClient) -> None:
        assert browser.get("/performance/export?format=exe").status_code == 422


class TestWhy:
    def test_a_finding_leads_to_its_conditions(
        self, services: FakeServices, browser: TestClient, chat: dict[str, Any]
    ) -> None:
        chat_id = inspect(services, browser, chat)
        link = re.search(r'href="(/chats/[^"]+/why\?rule=[^"]+)"', browser.get(f"/chats/{chat_id}").text)
        assert link is not None

        page = text_of(browser.get(unescape(link[1])).text)

        assert "holds any zh/promise.yaml:9 七天 [2, 4) cased stated" in page
        assert "asked: better than return_days, 3 day" in page
        assert "Turn 1 speaker is customer" in page

    def test_without_a_rule_one_is_chosen(
        self, services: FakeServices, browser: TestClient, chat: dict[str, Any]
    ) -> None:
        page = browser.get(f"/chats/{inspect(services, browser, chat)}/why").text

        assert '<option value="abuse.insult"' in page
        assert "conditions" not in page

    def test_why_not_is_shown_for_a_rule_that_found_nothing(
        self, services: FakeServices, browser: TestClient, chat: dict[str, Any]
    ) -> None:
        answer = browser.get(f"/chats/{inspect(services, browser, chat)}/why", params={"rule": "abuse.insult"})

        assert "does not hold" in text_of(answer.text)
        assert browser.get(f"/chats/{inspect(services, browser, chat)}/why?rule=no.such").status_code == 404
