"use strict";
// The page is rendered by the server. This script keeps the list fresh, shows local times and makes plain-text links open.
const list = document.getElementById("list");
const POLL_MS = 1000;
const { mail } = document.body.dataset;
let version = document.body.dataset.version;

function showLocalTimes() {
  for (const time of document.querySelectorAll("time:not([title])")) {
    const at = new Date(time.dateTime);
    time.title = at.toLocaleString();
    time.textContent = "long" in time.dataset ? time.title : at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  }
}

function linkPlainText() {
  const plain = document.getElementById("plain");
  if (!plain) return;
  const parts = plain.textContent.split(/(https?:\/\/[^\s<>]+[^\s<>.,;:!?)])/);
  plain.replaceChildren(
    ...parts.map((part, position) => {
      if (position % 2 === 0) return part;
      const link = Object.assign(document.createElement("a"), { href: part, textContent: part, target: "_blank" });
      link.rel = "noopener noreferrer";
      return link;
    }),
  );
}

async function poll() {
  try {
    const answer = await fetch(`/_/page?mail=${encodeURIComponent(mail)}&version=${version}`);
    if (answer.status === 200) {
      const parts = await answer.json();
      version = String(parts.version);
      list.innerHTML = parts.list;
      showLocalTimes();
    }
  } catch {
    document.title = "Mailbox (not running)";
  }
  setTimeout(poll, POLL_MS);
}

showLocalTimes();
linkPlainText();
poll();
