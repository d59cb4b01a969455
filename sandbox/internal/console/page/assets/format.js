// format.js formats times, durations, numbers and names.

const hour = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
const clock = new Intl.DateTimeFormat(undefined, hour);
const dated = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric", ...hour });
const brief = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const minutes = new Intl.DateTimeFormat(undefined, brief);
const datedMinutes = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric", ...brief });
const number = new Intl.NumberFormat();

// count is a number with separators: 31,525.
export const count = (n) => number.format(n);

// time is the time of day of a moment, with the date unless it is today; "" if there is none.
export function time(moment) {
  return of(moment, clock, dated);
}

// minute is the same without seconds.
export function minute(moment) {
  return of(moment, minutes, datedMinutes);
}

function of(moment, today, otherwise) {
  const at = ms(moment);
  if (!at) return "";
  return (new Date(at).toDateString() === new Date().toDateString() ? today : otherwise).format(at);
}

// sent is when a delivery was sent first, or when that was asked for or is due.
export function sent(d) {
  return [d.first, d.kind ? d.due : d.notification_detail?.accepted, d.due].find(ms);
}

// ms is a moment in milliseconds, 0 if there is none.
export function ms(moment) {
  const at = moment ? Date.parse(moment) : 0;
  return at > 0 ? at : 0; // the year 1 stands for no moment
}

// span formats a duration in milliseconds: 7 s, 1:05, 2:00:07.
export function span(milliseconds) {
  const all = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (n) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  if (h) return `${h}:${two(m)}:${two(s)}`;
  return m ? `${m}:${two(s)}` : `${s} s`;
}

// latency formats microseconds: 0.9 ms, 250 ms, 10.0 s.
export function latency(us) {
  if (!us) return "";
  if (us >= 1e6) return `${(us / 1e6).toFixed(1)} s`;
  return us < 10000 ? `${(us / 1000).toFixed(1)} ms` : `${Math.round(us / 1000)} ms`;
}

// short is the beginning of an identifier.
export function short(id) {
  return id ? id.slice(0, 8) : "";
}

// kind is a type without what all types have: held v0.
export function kind(type) {
  return type.replace(/^channel\./, "").replace(/\.(v\d+)$/, " $1");
}

// capital makes the first letter a capital.
export function capital(word) {
  return word ? word[0].toUpperCase() + word.slice(1) : "";
}

// looks are how states of deliveries and outcomes of attempts look, in lists and lanes: a sign, since not everybody sees the colours, a
// class, and the shape of its tick in a lane, a path around its middle. Of several, the last one here is the worst. Their words are
// those of the API, but for what is retried, which waits there, and for an event without deliveries.
const [disc, dash, diamond] = ["M-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0Z", "M-3.5-1h7v2h-7Z", "M0-4L4 0L0 4L-4 0Z"];
const looks = {
  "nobody-got-this": ["○", "hollow", disc],
  accepted: ["✓", "good", disc],
  delivered: ["✓", "good", disc],
  "correctly-refused": ["✓", "good", "M0-3.5L3.5 3H-3.5Z"],
  stale: ["↻", "", dash],
  dropped: ["–", "", dash],
  cancelled: ["–", "", dash],
  waiting: ["◷", "", diamond],
  retrying: ["◷", "late", diamond],
  "wrongly-accepted": ["✕", "bad", "M-3-3h6v6h-6Z"],
  failed: ["✕", "bad", "M-3.5-2.5l1-1L0-1L2.5-3.5l1 1L1 0L3.5 2.5l-1 1L0 1L-2.5 3.5l-1-1L-1 0Z"],
};
const ranks = Object.keys(looks);

// worst is the worst of several states.
export const worst = (names) => names.reduce((a, b) => (ranks.indexOf(b) > ranks.indexOf(a) ? b : a));

// standing is the state of a delivery, where one that is retried is another than one that waits for its first attempt.
export const standing = (d) => (d.state === "waiting" && d.outcome === "failed" ? "retrying" : d.state);

// states are the states of deliveries.
export const states = ["waiting", "delivered", "correctly-refused", "wrongly-accepted", "failed", "dropped", "cancelled"];

// word is a state or an outcome in words.
export const word = (name) => name.replaceAll("-", " ");

// sign is a state or an outcome in words, with its sign.
export const sign = (name) => `${looks[name]?.[0] ?? "?"} ${word(name)}`;

// look is the class of a state or an outcome: good, bad, late, hollow, or "" for what is none of them.
export const look = (name) => looks[name]?.[1] ?? "";

// shape is the path of a state's tick.
export const shape = (name) => looks[name]?.[2] ?? "";

// response is the status of the last response, or why there was none, and the fault that the request carried.
export function response({ attempts, status, failure, fault }) {
  const text = status ? String(status) : attempts ? failure || "no response" : "";
  return fault ? `${text} [${fault}]` : text;
}
