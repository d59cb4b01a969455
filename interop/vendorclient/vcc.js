// A client of the management API of VCC channel webhooks, with what Node.js brings along.
// Where it runs against is its host and its credentials; nothing here knows of a sandbox.

const media = "application/vnd.newvoicemedia.v1+json";

// VccError is an answer that is no success: its status, and what the API says.
export class VccError extends Error {
  constructor(status, body) {
    const text = body?.message ?? body?.error_description ?? body?.error ?? "no reason given";
    super(`status ${status}: ${text}`);
    this.status = status;
    this.body = body;
  }
}

export class Vcc {
  #token; // the answer of the token endpoint, and until when it is good

  // host is a base URL, such as https://api.example.com; tokenHost is that of the
  // tokens where it is another one. authentication is how the client says who it is when it
  // asks for a token: "body" or "basic".
  constructor({ host, tokenHost = host, clientId, clientSecret, scope = "admin:read admin:write", authentication = "body" }) {
    Object.assign(this, { host, tokenHost, clientId, clientSecret, scope, authentication });
  }

  // token asks for a token when there is none that lives for another minute.
  async token() {
    if (this.#token && this.#token.until > Date.now()) return this.#token.access_token;
    const form = new URLSearchParams({ grant_type: "client_credentials", scope: this.scope });
    const headers = { Accept: "application/json" };
    if (this.authentication === "basic") {
      // RFC 6749, section 2.3.1: both parts are form-encoded before they are joined.
      const encoded = [this.clientId, this.clientSecret].map((part) => encodeURIComponent(part).replaceAll("%20", "+"));
      headers.Authorization = "Basic " + Buffer.from(encoded.join(":")).toString("base64");
    } else {
      form.set("client_id", this.clientId);
      form.set("client_secret", this.clientSecret);
    }
    const answer = await read(await fetch(new URL("/Auth/connect/token", this.tokenHost), { method: "POST", headers, body: form }));
    this.#token = { ...answer, until: Date.now() + (answer.expires_in - 60) * 1000 };
    return answer.access_token;
  }

  // granted is the last answer of the token endpoint.
  get granted() {
    return this.#token;
  }

  async #call(method, path, body) {
    const headers = { Accept: media, Authorization: `Bearer ${await this.token()}` };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    return read(await fetch(new URL("/webhooks" + path, this.host), { method, headers, body: JSON.stringify(body) }));
  }

  // eventTypes lists { name, description, jsonSchema }.
  async eventTypes() {
    return (await this.#call("GET", "/event-types")).eventTypes;
  }

  // subscriptions lists { subscriptionId, name, url, events, enabled }.
  async subscriptions() {
    return (await this.#call("GET", "/subscriptions")).subscriptions;
  }

  subscription(id) {
    return this.#call("GET", `/subscriptions/${encodeURIComponent(id)}`);
  }

  // create makes a subscription of { name, url, events } and, if wanted, enabled and secret.
  // The answer is the only one that holds the secret.
  create(subscription) {
    return this.#call("POST", "/subscriptions", subscription);
  }

  // change sets some of the members; the rest stays.
  change(id, members) {
    return this.#call("PATCH", `/subscriptions/${encodeURIComponent(id)}`, members);
  }

  remove(id) {
    return this.#call("DELETE", `/subscriptions/${encodeURIComponent(id)}`);
  }
}

// read gives the JSON of a success, or undefined where there is none, and throws all others.
async function read(response) {
  const text = await response.text();
  let body;
  try {
    body = text === "" ? undefined : JSON.parse(text);
  } catch {
    throw new VccError(response.status, { message: `no JSON: ${text.slice(0, 80)}` });
  }
  if (!response.ok) throw new VccError(response.status, body);
  return body;
}
