"use strict";
// The page is rendered by the server. This script only asks for what changed and passes on what is typed or tapped.
const people = document.getElementById("people");
const conversation = document.getElementById("conversation");
const composer = document.getElementById("composer");
const text = document.getElementById("text");
const newcomer = document.getElementById("newcomer");
const notice = document.getElementById("notice");
const POLL_MS = 800;
let version = document.body.dataset.version;
let atEnd = true;

const bar = () => conversation.querySelector("[data-chat]");
const isVisible = () => document.visibilityState === "visible" && conversation.offsetParent !== null;

function showLocalTimes() {
  for (const time of document.querySelectorAll("time:not([title])")) {
    const at = new Date(time.dateTime);
    time.textContent =
      "day" in time.dataset
        ? at.toLocaleDateString([], { day: "numeric", month: "long", year: "numeric" })
        : at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    time.title = at.toLocaleString();
  }
}

function scrollToEnd() {
  const thread = conversation.querySelector(".thread");
  if (thread) thread.scrollTop = thread.scrollHeight;
}

// Pictures grow the thread after it was scrolled; neither load nor scroll events bubble.
conversation.addEventListener("load", () => atEnd && scrollToEnd(), true);
conversation.addEventListener(
  "scroll",
  ({ target }) => {
    atEnd = target.scrollHeight - target.scrollTop - target.clientHeight < 80;
  },
  true,
);

async function tellSeen() {
  if (bar() && isVisible() && conversation.querySelector(".ticks.delivered, .ticks.sent")) {
    await fetch(`/_/page/seen?chat=${encodeURIComponent(bar().dataset.chat)}`, { method: "POST" });
  }
}

async function refresh() {
  const chat = bar()?.dataset.chat ?? "";
  const answer = await fetch(`/_/page?chat=${encodeURIComponent(chat)}&version=${version}`);
  if (answer.status !== 200) return;
  const parts = await answer.json();
  const top = conversation.querySelector(".thread")?.scrollTop ?? 0;
  version = String(parts.version);
  people.innerHTML = parts.people;
  conversation.innerHTML = parts.conversation;
  composer.hidden = !bar();
  showLocalTimes();
  if (atEnd) scrollToEnd();
  else conversation.querySelector(".thread").scrollTop = top;
}

async function poll() {
  try {
    await refresh();
    await tellSeen();
    if (notice.dataset.lost) say("");
  } catch {
    say("The stand-in does not answer. Is it still running?");
    notice.dataset.lost = "yes";
  }
  setTimeout(poll, POLL_MS);
}

function say(words) {
  notice.textContent = words;
  notice.hidden = !words;
  delete notice.dataset.lost;
}

async function post(path, body) {
  const answer = await fetch(path, { method: "POST", body: JSON.stringify(body) });
  const said = await answer.json();
  say(said.error ?? "");
  await refresh();
  scrollToEnd();
  return answer.ok && said;
}

function asShopper() {
  const { phone, user, number } = bar().dataset;
  return { from: phone || null, user_id: user, to: number };
}

composer.addEventListener("submit", async (event) => {
  event.preventDefault();
  const words = text.value.trim();
  if (words && (await post("/_/reply", { ...asShopper(), text: words }))) text.value = "";
});

text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    composer.requestSubmit();
  }
});

document.getElementById("attach").addEventListener("click", () => post("/_/reply", { ...asShopper(), media: "image" }));

conversation.addEventListener("click", (event) => {
  const tapped = event.target.closest("button");
  if (!tapped) return;
  const { button, row, place, copy, prefer } = tapped.dataset;
  if (button !== undefined) post("/_/reply", { ...asShopper(), button });
  else if (row !== undefined) post("/_/reply", { ...asShopper(), row });
  else if (place !== undefined) post("/_/reply", { ...asShopper(), location: {} });
  else if (copy !== undefined) navigator.clipboard.writeText(copy);
  else if (prefer) post("/_/preferences", { ...asShopper(), value: prefer });
});

document.getElementById("new").addEventListener("click", () => newcomer.showModal());
newcomer.querySelector("[data-close]").addEventListener("click", () => newcomer.close());
newcomer.addEventListener("submit", async (event) => {
  event.preventDefault();
  const given = Object.fromEntries(new FormData(event.target));
  if (!given.name) delete given.name;
  const said = await post("/_/reply", given);
  if (said) location.assign(`/?chat=${encodeURIComponent(said.chat)}`);
});

showLocalTimes();
scrollToEnd();
poll();
