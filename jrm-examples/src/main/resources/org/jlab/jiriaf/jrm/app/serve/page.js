"use strict";

// One page, no library: it reads the same API as everybody else and redraws what has changed.
const byId = id => document.getElementById(id);
const workflows = new Map();
let tunnels = [];
let token = sessionStorage.getItem("jrm-token") || "";
let lastEvent = "";

class Refused extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

function askForToken() {
  const dialog = byId("token-dialog");
  return new Promise(resolve => {
    dialog.addEventListener("close", () => {
      token = byId("token").value.trim();
      sessionStorage.setItem("jrm-token", token);
      resolve();
    }, {once: true});
    if (!dialog.open) {
      dialog.showModal();
    }
  });
}

let asking = null;

async function call(path, options = {}) {
  for (;;) {
    const headers = {...options.headers};
    if (token) {
      headers.Authorization = "Bearer " + token;
    }
    const answer = await fetch(path, {...options, headers});
    if (answer.status === 401) {
      asking = asking || askForToken().finally(() => { asking = null; });
      await asking;
      continue;
    }
    if (!answer.ok) {
      const text = await answer.text();
      let detail = text;
      try {
        detail = JSON.parse(text).detail || text;
      } catch (e) {
        // Not problem details; then what is there.
      }
      throw new Refused(answer.status, detail);
    }
    return answer;
  }
}

function say(text) {
  const message = byId("message");
  message.textContent = text;
  message.hidden = !text;
}

// Rows stay as they are and only their texts change, so that nobody's click or focus is lost.
function cell(row, label, text, kind = "") {
  let td = [...row.cells].find(each => each.dataset.label === label);
  if (!td) {
    td = row.insertCell();
    td.dataset.label = label;
    td.append(document.createElement("span"));
  }
  if (td.firstChild.textContent !== String(text)) {
    td.firstChild.textContent = text;
  }
  if (td.className !== kind) {
    td.className = kind;
  }
  return td;
}

// One row for each item, by id, in the order of the items.
function drawRows(table, items, id, draw) {
  const body = byId(table + "-table").tBodies[0];
  const wanted = new Set(items.map(id));
  [...body.rows].filter(row => !wanted.has(row.id)).forEach(row => row.remove());
  items.forEach((item, index) => {
    let row = byId(id(item));
    if (!row) {
      row = document.createElement("tr");
      row.id = id(item);
    }
    if (body.rows[index] !== row) {
      body.insertBefore(row, body.rows[index] || null);
    }
    draw(row, item);
  });
  byId(table + "-table").hidden = items.length === 0;
  byId("no-" + table + "s").hidden = items.length !== 0;
}

const STATES = {RUNNING: "good", COMPLETED: "good", FIZZLED: "bad", DEFUSED: "bad"};
const HEALTH = {UP: "good", DOWN: "bad", CLOSED: "bad", NOT_HELD: "bad"};
const CARRIES = {db: "LaunchPad", apiserver: "API server", metrics: "kubelet", custom_metrics: "application"};

function clock(seconds) {
  const pad = n => String(n).padStart(2, "0");
  return Math.floor(seconds / 3600) + ":" + pad(Math.floor(seconds / 60) % 60) + ":" + pad(Math.floor(seconds) % 60);
}

function time(instant) {
  const date = new Date(instant);
  return date.toLocaleTimeString();
}

function drawWorkflows() {
  const sorted = [...workflows.values()].sort((a, b) => a.id - b.id);
  drawRows("workflow", sorted, workflow => "workflow-" + workflow.id, (row, workflow) => {
    const mine = tunnels.filter(tunnel => tunnel.workflow === workflow.id);
    const up = mine.filter(tunnel => tunnel.state === "UP").length;
    const nodes = workflow.nodes;
    cell(row, "Id", workflow.id);
    const why = workflow.reason || workflow.remark;
    cell(row, "State", workflow.state + (why ? ": " + why : ""),
      "state " + (workflow.remark ? "bad" : STATES[workflow.state] || "unsure"));
    cell(row, "Site", workflow.site || "-");
    cell(row, "Nodes ready", (nodes.ready === null ? "?" : nodes.ready) + "/" + nodes.total, "ready");
    cell(row, "Tunnels up", mine.length ? up + "/" + mine.length : "-", "tunnels");
    cell(row, "Time left", workflow.walltime_left_seconds === null ? "-" : clock(workflow.walltime_left_seconds));
    cell(row, "Name", workflow.name, "code");
    const actions = cell(row, "", "");
    let button = actions.querySelector("button");
    if (!button) {
      button = document.createElement("button");
      button.id = "delete-" + workflow.id;
      button.className = "danger";
      button.setAttribute("aria-label", "Delete workflow " + workflow.id);
      button.addEventListener("click", () => confirmDelete(workflows.get(workflow.id)));
      actions.append(button);
    }
    button.textContent = workflow.deleting ? "Deleting" : "Delete";
    button.disabled = Boolean(workflow.deleting);
  });
}

function drawTunnels() {
  drawRows("tunnel", tunnels, tunnel => "tunnel-" + tunnel.deployment + "-" + tunnel.forward, (row, tunnel) => {
    cell(row, "State", tunnel.state.replace("_", " ").toLowerCase() + (tunnel.reason ? ": " + tunnel.reason : ""),
      HEALTH[tunnel.state] || "unsure");
    cell(row, "Carries", CARRIES[tunnel.kind] + (tunnel.node ? " of " + tunnel.node : ""));
    cell(row, "Forward", tunnel.forward, "code");
    cell(row, "Login node", tunnel.login);
    cell(row, "Since", tunnel.since ? time(tunnel.since) : "-");
    cell(row, "Held by", tunnel.holder);
  });
}

async function drawMap() {
  // The page has its own style for it, and lets in no other.
  const svg = (await (await call("/map")).text()).replace(/<style>[^]*?<\/style>/, "");
  const picture = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
  if (picture.querySelector(".title")) {
    byId("map").replaceChildren(document.importNode(picture, true));
  } else {
    const nothing = document.createElement("p");
    nothing.className = "empty";
    nothing.textContent = "There is nothing to draw.";
    byId("map").replaceChildren(nothing);
  }
}

async function refreshTunnels() {
  tunnels = await (await call("/tunnels")).json();
  drawTunnels();
  drawWorkflows();
  await drawMap();
}

let refreshing = false;
let refreshAgain = false;

// Much happens at once; it is looked at once, and once more if something has happened meanwhile.
async function refreshSoon() {
  refreshAgain = true;
  if (refreshing) {
    return;
  }
  refreshing = true;
  while (refreshAgain) {
    await new Promise(resolve => setTimeout(resolve, 250));
    refreshAgain = false;
    try {
      await refreshTunnels();
    } catch (e) {
      say(e.message);
    }
  }
  refreshing = false;
}

function note(at, text) {
  const item = document.createElement("li");
  const stamp = document.createElement("time");
  stamp.dateTime = at;
  stamp.textContent = time(at);
  item.append(stamp, text);
  const events = byId("events");
  events.prepend(item);
  while (events.children.length > 200) {
    events.lastElementChild.remove();
  }
}

const HANDLERS = {
  step(data) {
    if (data.kind !== "started") {
      note(data.at, data.deployment + ": " + data.step.replaceAll("_", " ") + " " + data.kind
        + (data.message ? ": " + data.message : ""));
    }
    refreshSoon();
  },
  workflow(data) {
    const before = workflows.get(data.id);
    workflows.set(data.id, {...data, deleting: before && before.deleting});
    if (!before || before.state !== data.state) {
      note(new Date().toISOString(), "workflow " + data.id + " is " + data.state);
      refreshSoon();
    }
    drawWorkflows();
  },
  deleted(data) {
    workflows.delete(data.id);
    note(new Date().toISOString(), "workflow " + data.id + " is deleted");
    drawWorkflows();
    refreshSoon();
  },
  node(data) {
    note(new Date().toISOString(), "node " + data.name + ": " + data.description);
    refreshSoon();
  },
  tunnel(data) {
    note(data.at, data.login + ": " + data.message);
    refreshSoon();
  },
  launchpad(data) {
    say(data.reachable ? "" : "The LaunchPad cannot be reached: " + data.message);
  },
};

function connection(text, kind) {
  const shown = byId("connection");
  shown.textContent = text;
  shown.className = kind;
}

function handle(block) {
  const event = {type: "message", data: ""};
  for (const line of block.split("\n")) {
    const colon = line.indexOf(": ");
    if (colon > 0) {
      const name = line.slice(0, colon);
      const value = line.slice(colon + 2);
      if (name === "event") {
        event.type = value;
      } else if (name === "data") {
        event.data = value;
      } else if (name === "id") {
        lastEvent = value;
      }
    }
  }
  if (event.data && HANDLERS[event.type]) {
    HANDLERS[event.type](JSON.parse(event.data));
  }
}

// EventSource sends no token, so the stream is read by hand.
async function listen() {
  const answer = await call("/events", {headers: lastEvent ? {"Last-Event-ID": lastEvent} : {}});
  await load();
  connection("live", "live");
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = "";
  for (;;) {
    const {value, done} = await reader.read();
    if (done) {
      return;
    }
    buffer += value;
    const blocks = buffer.split("\n\n");
    buffer = blocks.pop();
    blocks.forEach(handle);
  }
}

async function load() {
  const health = await (await call("/healthz")).json();
  byId("launchpad").textContent = health.launchpad || "";
  const list = await (await call("/workflows")).json();
  workflows.clear();
  list.forEach(workflow => workflows.set(workflow.id, workflow));
  await refreshTunnels();
}

async function stayConnected() {
  for (;;) {
    try {
      await listen();
    } catch (e) {
      if (e instanceof Refused) {
        say(e.message);
      }
    }
    connection("connection lost, trying again", "lost");
    await new Promise(resolve => setTimeout(resolve, 2000));
  }
}

function confirmDelete(workflow) {
  byId("delete-id").textContent = workflow.id;
  byId("delete-text").textContent = workflow.name + " is " + workflow.state + ". Its batch job is cancelled, its tunnels"
    + " close, its ports are freed, its " + workflow.nodes.total + " nodes leave Kubernetes, its record goes.";
  const dialog = byId("delete-dialog");
  dialog.returnValue = "";
  dialog.addEventListener("close", () => {
    if (dialog.returnValue === "delete") {
      remove(workflow.id);
    }
  }, {once: true});
  dialog.showModal();
}

async function remove(id) {
  const mark = deleting => {
    if (workflows.has(id)) {
      workflows.get(id).deleting = deleting;
      drawWorkflows();
    }
  };
  say("");
  mark(true);
  try {
    await call("/workflows/" + id, {method: "DELETE"});
    workflows.delete(id);
    drawWorkflows();
  } catch (e) {
    mark(false);
    say("Workflow " + id + " is not deleted: " + e.message);
  }
}

async function deploy(event) {
  event.preventDefault();
  const button = byId("deploy-button");
  button.disabled = true;
  button.textContent = "Deploying";
  say("");
  try {
    const answer = await call("/workflows", {
      method: "POST",
      headers: {"Content-Type": "application/yaml"},
      body: byId("site").value,
    });
    const workflow = await answer.json();
    workflows.set(workflow.id, workflow);
    drawWorkflows();
    refreshSoon();
    byId("deploy").open = false;
    byId("workflows").focus();
  } catch (e) {
    say("Not deployed: " + e.message);
  } finally {
    button.disabled = false;
    button.textContent = "Deploy";
  }
}

byId("deploy-form").addEventListener("submit", deploy);
byId("site-file").addEventListener("change", async event => {
  const file = event.target.files[0];
  if (file) {
    byId("site").value = await file.text();
  }
});

setInterval(() => {
  for (const workflow of workflows.values()) {
    if (workflow.walltime_left_seconds) {
      workflow.walltime_left_seconds -= 1;
    }
  }
  drawWorkflows();
}, 1000);

stayConnected();
