// k6's signed mode: its own hash and HMAC, answers discarded, one connection for each VU.
// RATE offers so many requests a second on k6's open schedule; without it all VUs go at once.
import crypto from 'k6/crypto';
import encoding from 'k6/encoding';
import http from 'k6/http';

const secret = encoding.b64decode(__ENV.SECRET);
const vus = Number(__ENV.CONNECTIONS);
const rate = Number(__ENV.RATE || 0);
const scenario = rate > 0
  ? { executor: 'constant-arrival-rate', rate, timeUnit: '1s', duration: __ENV.FOR, preAllocatedVUs: 4 * vus, maxVUs: 4 * vus }
  : { executor: 'constant-vus', vus, duration: __ENV.FOR };

export const options = { scenarios: { all: { ...scenario, gracefulStop: '0s' } }, discardResponseBodies: true };

const body = open(__ENV.BODY);
const after = (text, key) => text.indexOf(key) + key.length;
const idAt = after(body, '"id":"');
const timeAt = after(body, '"time":"');
const stampAt = after(body, '"timestamp":"');
const parts = [body.slice(0, idAt), body.slice(idAt + 27, timeAt), body.slice(timeAt + 23, stampAt), body.slice(stampAt + 23)];
const start = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.';
const run = String(Date.now());

export default function () {
  const now = new Date();
  const text = now.toISOString();
  const number = String(__ITER).padStart(9, '0') + String(__VU).padStart(5, '0');
  const id = run + number;
  const sent = parts[0] + id + parts[1] + text.slice(0, 23) + parts[2] + text.slice(0, 23) + parts[3];
  const iat = Math.floor(now.getTime() / 1000);
  const claims = `{"iat":${iat},"jti":"00000000-0000-4000-8000-00${number.slice(-10)}","iss":"Vonage","payload_hash":"${crypto.sha256(sent, 'hex')}","exp":${iat + 300}}`;
  const signed = start + encoding.b64encode(claims, 'rawurl');
  const token = signed + '.' + crypto.hmac('sha256', secret, signed, 'base64rawurl');
  http.post(__ENV.URL, sent, { headers: { 'Content-Type': 'application/cloudevents+json', 'Vonage-Signature': token } });
}
