// Keeps the board as it is now. The server only says that something happened; the part that changes is then
// fetched and morphed in by htmx, so that focus and scrolling stay. Nobody hears of it, unless something new
// needs a person; the title counts what does, and who asked for it gets a sign without content while the page
// is hidden. All texts come from the page.

const live = document.getElementById("live");
const state = document.getElementById("live-state");
const button = document.getElementById("live-pause");
const news = document.getElementById("live-news");
const words = document.getElementById("live-words").dataset;
const bell = document.getElementById("live-tell");
const TELL = "inbeeld-board-tell";
const title = document.title.replace(/^\(\d+\) /, "");
const PAUSED = "inbeeld-board-paused";
const PAUSE_BETWEEN = 2000;

let source = null;
let busy = false;
let again = false;
let stale = false;
let leaving = new AbortController();

const shown = () => Number(document.getElementById("nu-stand").dataset.seq);
const paused = () => button.getAttribute("aria-pressed") === "true";

function say(name) {
  if (state.textContent !== words[name]) state.textContent = words[name];
}

function needs() {
  const groups = new Map();
  for (const group of document.querySelectorAll("#nu [data-group]")) {
    const items = new Set([...group.querySelectorAll("li")].map((item) => item.id));
    groups.set(group.id, { says: group.dataset.group, count: Number(group.dataset.count), items });
  }
  return groups;
}

// A group may show only its oldest: then its number says whether something came, and what was there all along
// may move up into sight.
function announce(before, after) {
  const fresh = [...after].filter(([id, group]) => {
    const known = before.get(id) ?? { count: 0, items: new Set() };
    const whole = group.items.size === group.count;
    return group.count > known.count || (whole && [...group.items].some((item) => !known.items.has(item)));
  });
  const waiting = [...after.values()].reduce((sum, group) => sum + group.count, 0);
  document.title = waiting ? `(${waiting}) ${title}` : title;
  if (!fresh.length) return;
  if (document.hidden && tells()) tell();
  news.textContent = `${words.new} ${fresh.map(([, group]) => group.says).join(", ")}`;
}

// A sign without content: a screen that is locked shows it to whoever walks by.
function tell() {
  new Notification("InBeeld", { body: words.tell, tag: "inbeeld-board" });
}

const tells = () => bell.getAttribute("aria-pressed") === "true";
const watched = () => !document.hidden || tells();

async function ask() {
  const yes = !tells() && (await Notification.requestPermission()) === "granted";
  if (!yes && !tells()) news.textContent = words.refused;
  bell.setAttribute("aria-pressed", String(yes));
  localStorage.setItem(TELL, yes ? "yes" : "");
}

async function renew() {
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  try {
    const headers = { "HX-Request": "true" };
    const answer = await fetch(live.dataset.part + location.search, { headers, signal: leaving.signal });
    if (answer.status === 401 || answer.status === 404) return end();
    if (answer.ok && !paused() && watched()) {
      const text = await answer.text();
      const before = needs();
      await htmx.swap({ text, swap: "none", sourceElement: document.body, target: document.body });
      announce(before, needs());
    }
  } catch {
    if (source) say("away");
  } finally {
    setTimeout(() => {
      busy = false;
      if (again) {
        again = false;
        if (source) renew();
      }
    }, PAUSE_BETWEEN);
  }
}

function end() {
  stop();
  say("ended");
  button.hidden = true;
}

function start() {
  if (source || paused() || !watched()) return;
  source = new EventSource(live.dataset.stream);
  source.addEventListener("open", () => say("on"));
  source.addEventListener("stand", (event) => {
    if (stale || Number(event.data) !== shown()) renew();
    stale = false;
  });
  source.addEventListener("tik", renew);
  source.addEventListener("error", () => {
    if (!source) return;
    if (source.readyState === EventSource.CLOSED) end();
    else say("away");
  });
}

function stop() {
  source?.close();
  source = null;
  leaving.abort();
  leaving = new AbortController();
  // Nobody knows how long: the time that is left must be told anew in any case.
  stale = true;
}

function pause(yes) {
  button.setAttribute("aria-pressed", String(yes));
  sessionStorage.setItem(PAUSED, yes ? "yes" : "");
  if (yes) {
    stop();
    say("paused");
  } else {
    start();
  }
}

if (window.htmx && window.EventSource) {
  live.hidden = false;
  button.addEventListener("click", () => pause(!paused()));
  document.addEventListener("visibilitychange", () => (watched() ? start() : stop()));
  if (window.Notification) {
    bell.hidden = false;
    bell.addEventListener("click", ask);
    const wanted = localStorage.getItem(TELL) === "yes" && Notification.permission === "granted";
    bell.setAttribute("aria-pressed", String(wanted));
  }
  // A stream that stays open would keep the page from the browser's memory of pages.
  window.addEventListener("pagehide", stop);
  // What is still asked for while its user logs out would be refused, and the browser would complain of it.
  document.addEventListener("submit", (event) => {
    if (event.target.matches('[action="/uitloggen"]')) stop();
  });
  window.addEventListener("pageshow", start);
  pause(sessionStorage.getItem(PAUSED) === "yes");
}
