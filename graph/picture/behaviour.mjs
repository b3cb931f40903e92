// Runs in the page: shows what a resource comes after and what comes after it, and finds resources by name.
const { needs } = JSON.parse(document.getElementById("graph").textContent);
const svg = document.querySelector("svg");
const items = new Map([...svg.querySelectorAll(".item")].map((item) => [item.dataset.id, item]));
const boxOf = (id) => items.get(id).closest(".box").dataset.id;
const follows = {};
for (const [id, before] of Object.entries(needs)) for (const need of before) (follows[need] ??= []).push(id);

function reach(ids, next) {
  const seen = new Set();
  const open = [...ids];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const found = (next[id] ?? []).filter((other) => !seen.has(other));
    for (const other of found) seen.add(other);
    open.push(...found);
  }
  return seen;
}

function mark(ids) {
  clear();
  if (ids.length === 0) return;
  svg.classList.add("looking");
  const found = { before: reach(ids, needs), after: reach(ids, follows) };
  for (const id of ids) items.get(id)?.classList.add("self");
  const own = new Set(ids.map(boxOf));
  for (const [name, marked] of Object.entries(found)) {
    for (const id of marked) items.get(id)?.classList.add(name);
    const boxes = new Set([...own, ...[...marked].map(boxOf)]);
    for (const arrow of svg.querySelectorAll(".arrow")) {
      if (boxes.has(arrow.dataset.from) && boxes.has(arrow.dataset.to)) arrow.classList.add(name);
    }
  }
}

function clear() {
  svg.classList.remove("looking");
  for (const one of svg.querySelectorAll(".self, .before, .after")) one.classList.remove("self", "before", "after");
}

// A component stands for all that is in it.
const withParts = (item) =>
  item.classList.contains("head")
    ? [...item.closest(".box").querySelectorAll(".item")].map((part) => part.dataset.id)
    : [item.dataset.id];

for (const item of items.values()) {
  item.addEventListener("mouseenter", () => mark(withParts(item)));
  item.addEventListener("mouseleave", clear);
}
document.querySelector("input").addEventListener("input", ({ target }) => {
  const text = target.value.trim().toLowerCase();
  mark(text === "" ? [] : [...items.keys()].filter((id) => id.toLowerCase().includes(text)));
});
