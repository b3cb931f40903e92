// Runs in the page: shows what a resource depends on and what depends on it, finds resources by name, and lets the
// reader move through the picture.
import { movedView, wholeView, zoomedView } from "./view.mjs";

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

// A component stands for everything in it.
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

const picture = { width: svg.viewBox.baseVal.width, height: svg.viewBox.baseVal.height };
let view = wholeView(picture);

function show(next) {
  view = next;
  svg.setAttribute("viewBox", `${view.x} ${view.y} ${view.width} ${view.height}`);
}

/** A point of the window as a point of the picture. */
function inPicture({ clientX, clientY }) {
  const { x, y } = new DOMPoint(clientX, clientY).matrixTransform(svg.getScreenCTM().inverse());
  return { x, y };
}

const middle = () => ({ x: view.x + view.width / 2, y: view.y + view.height / 2 });
const whole = () => show(wholeView(picture));
const closer = () => show(zoomedView(view, picture, 1.4, middle()));
const further = () => show(zoomedView(view, picture, 1 / 1.4, middle()));

svg.addEventListener(
  "wheel",
  (event) => {
    event.preventDefault();
    show(zoomedView(view, picture, 1.0015 ** -event.deltaY, inPicture(event)));
  },
  { passive: false },
);
svg.addEventListener("pointerdown", (event) => {
  if (event.button !== 0) return;
  const held = inPicture(event);
  svg.setPointerCapture(event.pointerId);
  svg.classList.add("held");
  const drag = (move) => {
    const now = inPicture(move);
    show(movedView(view, picture, { x: held.x - now.x, y: held.y - now.y }));
  };
  const release = () => {
    svg.classList.remove("held");
    svg.removeEventListener("pointermove", drag);
  };
  svg.addEventListener("pointermove", drag);
  svg.addEventListener("pointerup", release, { once: true });
  svg.addEventListener("pointercancel", release, { once: true });
});
svg.addEventListener("dblclick", whole);

const step = () => view.width / 10;
const keys = {
  "+": closer,
  "-": further,
  0: whole,
  ArrowLeft: () => show(movedView(view, picture, { x: -step(), y: 0 })),
  ArrowRight: () => show(movedView(view, picture, { x: step(), y: 0 })),
  ArrowUp: () => show(movedView(view, picture, { x: 0, y: -step() })),
  ArrowDown: () => show(movedView(view, picture, { x: 0, y: step() })),
};
document.addEventListener("keydown", (event) => {
  const act = keys[event.key];
  // The browser's own zoom goes with a modifier, and letters of a search are no commands.
  if (act === undefined || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input")) return;
  event.preventDefault();
  act();
});
for (const [id, act] of Object.entries({ closer, further, whole })) {
  document.getElementById(id).addEventListener("click", act);
}
