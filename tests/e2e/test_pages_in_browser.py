"""The pages in a real browser: keyboard, linking, narrow screens, nothing that the security policy refuses."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import pytest
import uvicorn
from selenium.webdriver import Chrome, ChromeOptions, Keys
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

from api.app import create_app
from qa_service.domain.conversation import Agent, AgentId
from qa_service.domain.identity import Role
from tests.builders import conversation
from tests.fakes.services import FakeServices

pytestmark = pytest.mark.browser

CHROMIUM, DRIVER = Path("/usr/bin/chromium"), Path("/usr/bin/chromedriver")
PATIENCE_SECONDS = 20
START_PATIENCE_SECONDS = 60


@pytest.fixture(scope="module")
def services() -> FakeServices:
    services = FakeServices()
    for number in (1, 2):
        chat = conversation(
            "customer: 你们太差了",
            "agent[a-7]: 亲，七天内都可以退的哦",
            "customer: 好的",
            "agent[a-7]: 七天都没问题" if number == 1 else "agent[a-7]: 好的",
            external_id=f"c-{number}",
            started_at=services.clock.now(),
            shop="demo",
            channel="taobao",
            agents=(Agent(id=AgentId("a-7"), name="小林"),),
        )
        services.intake.submit(chat)
    services.work()
    return services


@pytest.fixture(scope="module")
def address(services: FakeServices) -> Iterator[str]:
    """Serves on a free port while the tests run."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(create_app(services), log_level="error", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
        thread.start()
        try:
            until = time.monotonic() + START_PATIENCE_SECONDS
            while not server.started and time.monotonic() < until:
                time.sleep(0.05)
            assert server.started, "the server did not start"
            yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chrome]:
    if not (CHROMIUM.exists() and DRIVER.exists()):
        reason = f"no {CHROMIUM} or {DRIVER}; apt-get install chromium chromium-driver"
        if os.environ.get("QA_REQUIRE_SERVICES") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    options = ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for argument in ("headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage", "window-size=1440,900"):
        options.add_argument(f"--{argument}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = Chrome(options=options, service=Service(str(DRIVER)))
    try:
        yield driver
    finally:
        driver.quit()


@pytest.fixture(scope="module")
def logged_in(chromium: Chrome, services: FakeServices, address: str) -> Chrome:
    chromium.get(f"{address}/login?lang=en")
    chromium.get(f"{address}/login?token={services.access.new_login_token()}")
    return chromium


@pytest.fixture
def browser(logged_in: Chrome, address: str) -> Iterator[Chrome]:
    """In the queue; afterwards the console must hold no complaint."""
    logged_in.get(f"{address}/queue?state=all&lang=en")
    yield logged_in
    complaints = [entry["message"] for entry in logged_in.get_log("browser") if entry["level"] == "SEVERE"]
    assert complaints == []


def press(browser: Chrome, *keys: str) -> None:
    ActionChains(browser).send_keys(*keys).perform()


def wait_for(browser: Chrome, script: str) -> None:
    """Until the page says that `script` is true."""
    WebDriverWait(browser, PATIENCE_SECONDS).until(lambda b: b.execute_script(f"return {script}"), script)


def open_chat(browser: Chrome, external_id: str) -> None:
    browser.find_element(By.LINK_TEXT, external_id).click()
    wait_for(browser, "document.querySelector('.bubbles') !== null && document.readyState === 'complete'")


def test_the_queue_is_walked_and_opened_by_keys(browser: Chrome) -> None:
    press(browser, "j")
    wait_for(browser, "document.activeElement.textContent.trim() === 'c-1'")
    press(browser, "j")
    wait_for(browser, "document.activeElement.textContent.trim() === 'c-2'")
    press(browser, "k", Keys.ENTER)
    wait_for(browser, "location.pathname.startsWith('/chats/') && document.title.includes('c-1')")


def test_a_finding_is_decided_by_keys_and_the_score_follows(browser: Chrome) -> None:
    open_chat(browser, "c-1")
    total = browser.find_element(By.CSS_SELECTOR, "[data-total]")
    assert total.text == "40"
    press(browser, "j", "c")
    wait_for(browser, "document.activeElement.querySelector('.state-confirmed') !== null")
    press(browser, "j")
    wait_for(browser, "document.activeElement === document.querySelectorAll('.card')[1]")
    press(browser, "o")
    wait_for(browser, "document.activeElement.matches('textarea')")
    press(browser, "活动期间支持七天 co", Keys.ESCAPE)
    wait_for(browser, "document.activeElement.matches('.card')")
    press(browser, "o")
    wait_for(browser, "document.querySelectorAll('.card .state-overturned').length === 1")
    assert browser.find_element(By.CSS_SELECTOR, "[data-total]").text == "70"
    assert "活动期间支持七天 co" in browser.find_element(By.CSS_SELECTOR, ".is-overturned .history").text


def test_evidence_and_finding_light_up_together(browser: Chrome) -> None:
    open_chat(browser, "c-2")
    mark, card = browser.find_element(By.CSS_SELECTOR, ".hit"), browser.find_element(By.CSS_SELECTOR, ".card")
    ActionChains(browser).move_to_element(mark).perform()
    wait_for(browser, "document.querySelector('.card').classList.contains('is-linked')")
    ActionChains(browser).move_to_element(card.find_element(By.TAG_NAME, "h3")).perform()
    wait_for(browser, "document.querySelector('.hit').classList.contains('is-linked')")
    mark.click()
    wait_for(browser, "document.activeElement === document.querySelector('.card')")


def test_a_point_of_the_mood_curve_leads_to_its_turn(browser: Chrome) -> None:
    open_chat(browser, "c-2")
    point = browser.find_element(By.CSS_SELECTOR, ".curve a")
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", point)
    ActionChains(browser).move_to_element(point).click().perform()
    wait_for(browser, "location.hash === '#turn-1' && document.querySelector('#turn-1:target') !== null")


def heard_in(browser: Chrome, turn_id: str) -> str:
    return browser.find_element(By.CSS_SELECTOR, f"#turn-{turn_id} .turn-head").text


def test_a_mood_is_corrected_by_keys(browser: Chrome) -> None:
    open_chat(browser, "c-2")
    assert "angry 75 %" in heard_in(browser, "1")
    browser.execute_script("document.querySelector('#turn-1 .correct summary').focus()")
    press(browser, Keys.ENTER)
    wait_for(browser, "document.querySelector('#turn-1 .correct').open")
    press(browser, Keys.TAB, "anx", Keys.TAB, Keys.ENTER)
    wait_for(browser, "document.querySelector('#turn-1 .emotion-anxious') !== null && location.hash === '#turn-1'")
    assert "anxious says reviewer" in " ".join(heard_in(browser, "1").split())


def test_a_mood_is_corrected_by_finger_on_a_phone_without_scripts(browser: Chrome) -> None:
    open_chat(browser, "c-2")
    phone = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.refresh()
        turn = browser.find_element(By.ID, "turn-3")
        summary = turn.find_element(By.CSS_SELECTOR, ".correct summary")
        assert summary.size["height"] >= 24
        summary.click()
        form = turn.find_element(By.CSS_SELECTOR, ".correct form")
        assert form.location["x"] + form.size["width"] <= phone["width"]
        Select(form.find_element(By.TAG_NAME, "select")).select_by_value("satisfied")
        form.find_element(By.TAG_NAME, "button").click()
        WebDriverWait(browser, PATIENCE_SECONDS).until(
            lambda b: b.find_elements(By.CSS_SELECTOR, "#turn-3 .emotion-satisfied"), "the correction is shown"
        )
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_ticked_chats_are_given_to_a_reviewer(browser: Chrome, services: FakeServices) -> None:
    services.people.add("wangmin", role=Role.REVIEWER, display_name="王敏")
    browser.refresh()
    row = browser.find_element(By.CSS_SELECTOR, ".row")
    row.find_element(By.CSS_SELECTOR, "input[name=conversation_id]").click()  # not the link that covers the row
    Select(browser.find_element(By.ID, "assign-reviewer")).select_by_value("wangmin")
    browser.find_element(By.CSS_SELECTOR, "#assign button").click()
    wait_for(browser, "document.querySelectorAll('.chip-assignee').length === 1")
    assert browser.find_element(By.CSS_SELECTOR, ".row .chip-assignee").text == "Assigned to wangmin"
    assert "state=all" in browser.current_url


@pytest.mark.parametrize("width", [390, 1440])
def test_no_page_is_wider_than_the_screen(browser: Chrome, address: str, width: int) -> None:
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width < 700},
    )
    try:
        chat = browser.find_element(By.LINK_TEXT, "c-1").get_attribute("href")
        for page in ("/queue", chat, "/agents", "/agents/a-7", "/shop", "/assignments"):
            browser.get(urljoin(address, str(page)))
            assert browser.execute_script("return document.documentElement.scrollWidth") <= width, page
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
