// k6's signed mode as one would write it: the notification is an object, its ids are random.
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

const notification = JSON.parse(open(__ENV.BODY));
const letters = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const header = encoding.b64encode('{"alg":"HS256","typ":"JWT"}', 'rawurl');

function id() {
  const bytes = new Uint8Array(crypto.randomBytes(27));
  let text = '';
  for (const b of bytes) text += letters[b % 62];
  return text;
}

function uuid() {
  return 'xxxxxxxx-xxxx-4xxx-axxx-xxxxxxxxxxxx'.replace(/x/g, () => Math.floor(Math.random() * 16).toString(16));
}

export default function () {
  const now = new Date();
  const iso = now.toISOString();
  notification.id = id();
  notification.time = iso.replace('Z', '0000Z');
  notification.data.timestamp = iso;
  const body = JSON.stringify(notification);
  const iat = Math.floor(now.getTime() / 1000);
  const claims = { iat, jti: uuid(), iss: 'Vonage', payload_hash: crypto.sha256(body, 'hex'), exp: iat + 300 };
  const signed = header + '.' + encoding.b64encode(JSON.stringify(claims), 'rawurl');
  const token = signed + '.' + crypto.hmac('sha256', secret, signed, 'base64rawurl');
  http.post(__ENV.URL, body, { headers: { 'Content-Type': 'application/cloudevents+json', 'Vonage-Signature': token } });
}
