// address.js is the state of the page, and that is its address: #/view/rest?name=value. What is shown, filtered and opened stands
// there, so that a reload, Back, a bookmark and a copied link show the same.

// read is the address as it is: { view, rest, values }.
export function read() {
  const [path, ...search] = location.hash.replace(/^#\/?/, "").split("?");
  const [view, ...rest] = path.split("/").map(decoded);
  return { view, rest, values: new URLSearchParams(search.join("?")) };
}

// decoded is a part of a path, or what stands there if that is no encoding.
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

// link is the address of a view, with the values that are not empty.
export function link(view, rest = [], values = {}) {
  const params = new URLSearchParams(Object.entries(values).filter(([, value]) => value !== "" && value !== undefined && value !== null));
  return `#/${[view, ...rest].map((part) => encodeURIComponent(part)).join("/")}${params.size ? `?${params}` : ""}`;
}

// change changes values of the address, or its rest; "" takes a value away. Back goes to what was before, unless step is false, as for
// each letter that is typed.
export function change(values, { rest, step = true } = {}) {
  const at = read();
  const next = link(at.view || "conversations", rest ?? at.rest, { ...Object.fromEntries(at.values), ...values });
  if (next !== location.hash) history[step ? "pushState" : "replaceState"](null, "", next);
}

// bind ties a control to a value of the address. What somebody chooses or types is written there, and f is called. Of what it returns,
// value is that value; show sets the control to it, as when its options are there; follow does so when the address has changed, and reports
// whether it is another one.
export function bind(name, control, f, usual = "") {
  let known = read().values.get(name) ?? usual;
  const show = () => {
    if (control.matches("select") && known && ![...control.options].some((o) => o.value === known)) control.append(new Option(`${known.slice(0, 12)} (unknown)`, known));
    control.value = known;
  };
  show();
  let timer = 0;
  const typed = control.matches("input");
  const write = () => {
    clearTimeout(timer);
    if (control.value === known || !control.isConnected) return; // or another view is shown meanwhile
    known = control.value;
    change({ [name]: known.trim() === usual ? "" : known.trim() }, { step: !typed });
    f();
  };
  control.addEventListener(typed ? "input" : "change", () => {
    clearTimeout(timer);
    timer = setTimeout(write, typed ? 120 : 0);
  });
  return {
    get value() { return known; },
    show,
    follow() {
      const value = read().values.get(name) ?? usual;
      if (value === known) return false;
      clearTimeout(timer);
      known = value;
      show();
      return true;
    },
  };
}
