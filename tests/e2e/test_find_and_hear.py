"""The first thing that everybody does: sign in, find a call by agent and number, hear it."""

from collections.abc import Callable
from io import BytesIO

import pytest
import soundfile
from playwright.sync_api import Route, expect

from tests.e2e.calls import CONSULTATION, CONSULTED, call_id
from tests.e2e.centre import SECONDS
from tests.e2e.visitor import Visitor
from tests.e2e.voices import conversation

pytestmark = pytest.mark.browser

# Counts the drawn pixels of each line of the waveform, by what colour is strongest in them.
INK = """() => {
  const root = document.querySelector(".wave > div").shadowRoot;
  let blue = 0, red = 0;
  for (const canvas of root.querySelectorAll(".canvases canvas")) {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    for (let at = 0; at < data.length; at += 4)
      if (data[at + 3] > 128) data[at] > data[at + 2] ? red++ : blue++;
  }
  return [blue, red];
}"""


def test_find_by_agent_and_number_and_play(visit: Callable[..., Visitor]) -> None:
    visitor = visit("supervisor")
    page = visitor.page
    visitor.shows_calls()
    page.get_by_role("combobox", name="Agent").fill("wei")
    page.locator(".ant-select-item", has_text="8001 Li Wei").click()
    page.get_by_role("textbox", name="Number").fill("*8910")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "agent=8001" in url and "number=" in url)
    expect(visitor.rows.filter(has_not_text="138****8910")).to_have_count(0)
    expect(visitor.rows.filter(has_not_text="8001 Li Wei")).to_have_count(0)
    visitor.shows_calls()
    visitor.shot("find-by-agent-and-number")

    with page.expect_response(lambda answer: answer.url.endswith("/audio")) as streamed:
        visitor.rows.first.click()
    assert streamed.value.status == 206
    visitor.shows_player()
    blue, red = page.evaluate(INK)
    assert blue > 2000
    assert red > 2000

    page.get_by_role("button", name="Play", exact=True).click()
    visitor.until(lambda: visitor.seconds > 1.5)
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    visitor.shot("hear")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    visitor.until(lambda: visitor.stands_still)
    assert visitor.seconds < SECONDS - 1, "it is not at its end"


def test_the_parties_are_apart_and_can_be_muted(visit: Callable[..., Visitor]) -> None:
    visitor = visit("supervisor")
    page = visitor.page
    # Taps the mixer's output: what reaches each ear. All comes again, however late somebody listens.
    page.add_init_script("""
      const play = HTMLMediaElement.prototype.play;
      HTMLMediaElement.prototype.play = function () {
        this.loop = true;
        return play.call(this);
      };
      const connect = AudioNode.prototype.connect;
      AudioNode.prototype.connect = function (target, ...rest) {
        if (target instanceof AudioDestinationNode) {
          const split = this.context.createChannelSplitter(2);
          connect.call(this, split);
          window.ears = [0, 1].map((ear) => {
            const meter = this.context.createAnalyser();
            connect.call(split, meter, ear);
            return meter;
          });
        }
        return connect.call(this, target, ...rest);
      };
      window.loudness = () => window.ears.map((meter) => {
        const samples = new Float32Array(meter.fftSize);
        meter.getFloatTimeDomainData(samples);
        return Math.hypot(...samples) / Math.sqrt(samples.length);
      });
    """)
    visitor.open(_answered(visitor))
    visitor.shows_player()
    visitor.press("Space")
    alone = "(ear) => Boolean(window.ears) && loudness()[ear] > 0.02 && loudness()[1 - ear] < 0.004"
    visitor.until(lambda: page.evaluate(alone, 0))
    visitor.until(lambda: page.evaluate(alone, 1))
    visitor.press("1", "b")
    both = "() => { const l = loudness(); return l[0] > 0.02 && Math.abs(l[0] - l[1]) < 0.001; }"
    visitor.until(lambda: page.evaluate(both))
    expect(page.get_by_role("button", name="Unmute party A")).to_be_visible()


def test_moving_in_the_recording(visit: Callable[..., Visitor]) -> None:
    visitor = visit("supervisor")
    page = visitor.page
    visitor.open(_answered(visitor))
    visitor.shows_player()
    visitor.press("ArrowRight")
    visitor.until(lambda: visitor.seconds == 5)
    visitor.press("Shift+ArrowRight")
    visitor.until(lambda: visitor.seconds == 20)
    visitor.press("ArrowLeft", "Shift+ArrowLeft")
    visitor.until(lambda: visitor.seconds == 0)
    page.get_by_role("button", name="Hold").click()
    visitor.until(lambda: visitor.seconds == 11)
    box = page.locator(".wave").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] * 0.75, box["y"] + 30)
    visitor.until(lambda: 17.5 < visitor.seconds < 18.5)
    visitor.press(">", ">")
    expect(page.locator(".player-speed")).to_contain_text("1.5×")
    visitor.press("Home", "l", "ArrowRight", "l")
    expect(page.get_by_role("button", name="Loop on")).to_be_visible()
    visitor.press("+", "+")
    visitor.shot("loop-and-zoom")


def test_a_call_without_recording_says_why(visit: Callable[..., Visitor]) -> None:
    visitor = visit("supervisor")
    visitor.open("/calls?state=busy")
    visitor.rows.first.click()
    expect(visitor.page.get_by_text("The called party was busy.")).to_be_visible()
    visitor.shot("no-recording")


@pytest.mark.parametrize(
    ("cause", "why", "remedy"),
    [
        ("encrypted", "Its audio was encrypted", "whoever has the key"),
        ("codec", "could not be decoded (PCMU)", "whoever knows the codec"),
    ],
)
def test_a_call_that_could_not_be_heard_says_what_is_missing(
    visit: Callable[..., Visitor], cause: str, why: str, remedy: str
) -> None:
    def unheard(route: Route) -> None:
        call = route.fetch().json()
        gap = {"side": "B", "start": 0, "seconds": 5, "cause": cause}
        call |= {"recording": None, "codecs": ["PCMU"], "gaps": [gap]}
        route.fulfill(json=call | {"encrypted": {"bytes": 2_000_000, "sides": ["B"]}})

    visitor = visit("supervisor")
    page = visitor.page
    path = _answered(visitor)
    visitor.answers(f"**/api/v1{path}", unheard)
    visitor.open(path)
    expect(page.get_by_text(why)).to_be_visible()
    expect(page.get_by_text("Its packets are kept (2.0 MB)")).to_contain_text(remedy)


def test_audio_that_cannot_be_read(visit: Callable[..., Visitor]) -> None:
    visitor = visit("supervisor")
    page = visitor.page
    problem = {"status": 503, "title": "", "code": "archive-unavailable"}
    visitor.answers("**/audio", lambda route: route.fulfill(status=503, json=problem))
    visitor.answers("**/peaks*", lambda route: route.fulfill(status=503, json=problem))
    visitor.open(_answered(visitor))
    expect(page.get_by_text("The recording cannot be played")).to_be_visible()
    visitor.shot("audio-out-of-reach")
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    visitor.until(lambda: visitor.seconds > 0.3)
    expect(page.get_by_text("The recording cannot be played")).to_have_count(0)


@pytest.mark.parametrize("law", ["ALAW", "ULAW"])
def test_the_browser_plays_what_is_archived_as_g711(visit: Callable[..., Visitor], law: str) -> None:
    file = BytesIO()
    soundfile.write(file, conversation(SECONDS, seed=1).T, 8000, law, format="WAV")
    visitor = visit("supervisor")
    visitor.answers("**/audio", lambda route: route.fulfill(body=file.getvalue(), content_type="audio/wav"))
    visitor.open(_answered(visitor))
    visitor.shows_player()
    visitor.press("Space")
    visitor.until(lambda: visitor.seconds > 1)


def _answered(visitor: Visitor) -> str:
    visitor.open("/calls?state=answered")
    found = visitor.rows.first.get_attribute("data-call")
    return f"/calls/{found}"


@pytest.mark.parametrize(
    ("language", "there", "back"),
    [("en-GB", "Consultation", "Consulted about"), ("zh-CN", "咨询通话", "所咨询的通话")],
)
def test_from_a_call_to_its_consultation_and_back(
    visit: Callable[..., Visitor], language: str, there: str, back: str
) -> None:
    visitor = visit("supervisor", language=language)
    page = visitor.page
    visitor.open(f"/calls/{call_id(CONSULTED)}")
    visitor.shows_player()
    visitor.shot(f"handed-on-{language}")
    for name, number in ((there, CONSULTATION), (back, CONSULTED)):
        page.locator(".call-facts > div", has_text=name).get_by_role("link").click()
        page.wait_for_url(lambda url, number=number: url.endswith(f"/calls/{call_id(number)}"))
        visitor.shows_player()
