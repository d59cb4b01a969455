<?php
// A consumer of Vonage Contact Center webhooks in one file: it verifies each notification, stores it once,
// answers, and tells what it knows of a conversation. PHP 8.1 or newer with PDO for SQLite.
//
//     PHP_CLI_SERVER_WORKERS=4 php -S 127.0.0.1:8080 consumer.php
//
// VONAGE_SECRET is the secret in Base64; two, with a comma between them, while it is changed. DATABASE is a file.

declare(strict_types=1);

// part: verify
class Refused extends Exception {} // answer 401

/** Returns the claims of a token for a body made with one of the keys (decoded secrets), or throws Refused. */
function verify(array $keys, string $header, string $body, ?int $now = null): array
{
    $parts = explode('.', $header);
    if (count($parts) !== 3 || strlen($header) > 8192) {
        throw new Refused('no token');
    }
    if ((decode($parts[0])['alg'] ?? null) !== 'HS256') {
        throw new Refused('algorithm');
    }
    $made = false;
    foreach ($keys as $key) {
        $hmac = hash_hmac('sha256', "$parts[0].$parts[1]", $key, true);
        $made = $made || hash_equals(rtrim(strtr(base64_encode($hmac), '+/', '-_'), '='), $parts[2]);
    }
    if (!$made) {
        throw new Refused('wrong key');
    }
    $claims = decode($parts[1]);
    $exp = $claims['exp'] ?? null;
    if (!(is_int($exp) || is_float($exp)) || !($exp > ($now ?? time()))) {
        throw new Refused('expired');
    }
    $hash = $claims['payload_hash'] ?? null;
    if (!is_string($hash) || !hash_equals(hash('sha256', $body), $hash)) {
        throw new Refused('hash');
    }
    return $claims;
}

function decode(string $part): array
{
    $text = base64_decode(strtr($part, '-_', '+/'), true);
    $value = $text === false ? null : json_decode($text, true);
    return is_array($value) ? $value : throw new Refused('malformed');
}
// end

// part: read
/** The phases that events begin. disconnected begins none: what follows it at once does. */
const BEGINS = [
    'alerted' => 'alerting', 'connected' => 'connected', 'connectionfailed' => 'unexpected',
    'held' => 'held', 'retrieved' => 'connected', 'parked' => 'parked', 'unparked' => 'connected',
    'interrupted' => 'interrupted', 'resumed' => 'connected', 'disconnected' => null, 'wrapstarted' => 'wrap', 'ended' => 'ended',
];

class Unusable extends Exception {} // answer 204: a retry would bring the same bytes

/** Returns the columns of a notification; those behind id are null unless it is about a channel. */
function read(string $body): array
{
    $m = json_decode($body, true);
    if (!is_array($m) || !is_array($m['data'] ?? null) || !isText($m['type'] ?? null) || !isText($m['id'] ?? null) || !isText($m['source'] ?? null)) {
        throw new Unusable('no notification');
    }
    if (!preg_match('/^channel\.(\w+)\.v[01]$/D', $m['type'], $type) || !array_key_exists($type[1], BEGINS)) {
        return [$m['source'], $m['id'], null, null, null, null, null, null, null]; // of an agent, or of a type that is new: it is stored as it is
    }
    $channel = $m['data']['channel'] ?? null;
    $party = is_array($channel) ? $channel['party'] ?? null : null;
    if (!is_array($party) || !isText($channel['conversationId'] ?? null) || !isText($channel['channelId'] ?? null)) {
        throw new Unusable('no channel');
    }
    $agent = $party['agentId'] ?? null; // absent or null unless an agent or a monitor; a text, never a number
    if (!isText($channel['interactionId'] ?? null) || !isText($party['role'] ?? null) || ($agent !== null && !isText($agent))) {
        throw new Unusable('no texts');
    }
    return [$m['source'], $m['id'], strtolower($channel['conversationId']), strtolower($channel['channelId']),
        strtolower($channel['interactionId']), $party['role'], $agent, substr($m['type'], strlen('channel.')), ticks($m['data']['timestamp'] ?? null)];
}

function isText(mixed $value): bool
{
    return is_string($value) && $value !== '';
}

/** Returns a moment with 0 to 7 fractional digits in units of 100 ns since 1970. */
function ticks(mixed $moment): int
{
    if (!is_string($moment) || !preg_match('/^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?Z$/D', $moment, $found)
        || ($seconds = strtotime("$found[1]Z")) === false) {
        throw new Unusable('no timestamp');
    }
    return $seconds * 10_000_000 + (int) str_pad(substr($found[2] ?? '', 0, 7), 7, '0');
}
// end

// part: lives
/** The phases in which events can happen. The order of events that no phase decides is that of BEGINS. */
const NEEDS = [
    'alerted' => null, 'connected' => 'alerting', 'connectionfailed' => 'alerting', 'held' => 'connected', 'retrieved' => 'held',
    'parked' => 'connected', 'unparked' => 'parked', 'interrupted' => 'connected', 'resumed' => 'interrupted',
];

/** The events that lead back from a phase. */
const BACK = ['held' => 'retrieved', 'parked' => 'unparked', 'interrupted' => 'resumed'];

/** Returns the phase that events of a channel lead to, and how many seconds it was in each phase. */
function life(array $events): array
{
    $instants = [];
    foreach ($events as ['ticks' => $at, 'event' => $event]) {
        $instants[$at][$event] = ($instants[$at][$event] ?? 0) + 1;
    }
    ksort($instants);
    [$phase, $since, $seconds] = [null, 0, []];
    foreach ($instants as $at => $instant) {
        foreach (inOrder($instant, $phase) as $kind) {
            if (BEGINS[$kind] === null || BEGINS[$kind] === $phase || $phase === 'ended') { // nothing follows ended
                continue;
            }
            if ($phase !== null) {
                $seconds[$phase] = ($seconds[$phase] ?? 0) + ($at - $since) / 1e7;
            }
            [$phase, $since] = [BEGINS[$kind], $at];
        }
    }
    return [$phase, $seconds];
}

/** Returns the kinds of the events of one instant, such as held.v0, in an order in which each may follow the one before. */
function inOrder(array $times, ?string $phase): array
{
    $often = []; // both versions of an event are one
    foreach (array_keys(BEGINS) as $kind) {
        $often[$kind] = max($times["$kind.v0"] ?? 0, $times["$kind.v1"] ?? 0);
    }
    $order = [];
    while ($left = array_keys(array_filter($often))) {
        $fits = array_values(array_filter($left, fn ($kind) => array_key_exists($kind, NEEDS) && NEEDS[$kind] === $phase));
        $back = array_values(array_filter($fits, fn ($kind) => $often[BACK[$kind] ?? ''] ?? 0));
        // Of several that fit, one goes first from which there is a way back; if none fits, one is still to come.
        $kind = $back[0] ?? $fits[0] ?? $left[0];
        $often[$kind]--;
        $order[] = $kind;
        $phase = BEGINS[$kind] ?? $phase;
    }
    return $order;
}
// end

// part: store
/** One row for each notification. The primary key makes duplicates harmless, and since the row is the event, a crash
 * leaves both behind or neither. */
const SCHEMA = '
CREATE TABLE IF NOT EXISTS notifications (
  source TEXT NOT NULL, id TEXT NOT NULL, conversation TEXT, channel TEXT, interaction TEXT, role TEXT, agent TEXT,
  event TEXT, ticks INTEGER, body BLOB NOT NULL, PRIMARY KEY (source, id));
CREATE INDEX IF NOT EXISTS by_conversation ON notifications (conversation, ticks)';

function database(): PDO
{
    $db = new PDO('sqlite:' . getenv('DATABASE'), null, null, [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
    $db->exec('PRAGMA busy_timeout = 5000; PRAGMA journal_mode = wal');
    $db->exec(SCHEMA);
    return $db;
}

function store(array $columns, string $body): void
{
    database()->prepare('INSERT OR IGNORE INTO notifications VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')->execute([...$columns, $body]);
}
// end

// part: receive
function receive(): int
{
    $body = file_get_contents('php://input', length: (1 << 20) + 1);
    if (strlen($body) > 1 << 20) {
        return 413;
    }
    try {
        verify(keys(), $_SERVER['HTTP_VONAGE_SIGNATURE'] ?? '', $body);
        store(read($body), $body);
    } catch (Refused $why) {
        error_log("refused: {$why->getMessage()}");
        return 401;
    } catch (Unusable $why) {
        error_log("cannot be used: {$why->getMessage()}");
    } catch (Throwable $why) {
        error_log("not stored: {$why->getMessage()}");
        return 503; // it comes again
    }
    return 204;
}
// end

/** Returns the keys that VONAGE_SECRET has, which may be two with a comma between them. */
function keys(): array
{
    $keys = array_map(fn ($secret) => base64_decode($secret, true), explode(',', getenv('VONAGE_SECRET')));
    return count(array_filter($keys, isText(...))) === count($keys) ? $keys : throw new Exception('VONAGE_SECRET is not Base64');
}

/** Returns what is known of a conversation. Leave it out of what others can reach. */
function tell(string $conversation): array
{
    $rows = database()->prepare('SELECT * FROM notifications WHERE conversation = ? ORDER BY ticks');
    $rows->execute([strtolower($conversation)]);
    $channels = [];
    foreach ($rows->fetchAll(PDO::FETCH_ASSOC) as $row) {
        $channels[$row['channel']][] = $row;
    }
    $told = [];
    foreach ($channels as $channel => $events) {
        [$phase, $seconds] = life($events);
        $told[] = ['channelId' => $channel, 'interactionId' => $events[0]['interaction'], 'role' => $events[0]['role'],
            'agentId' => $events[0]['agent'], 'phase' => $phase, 'seconds' => (object) $seconds, 'notifications' => count($events)];
    }
    return $told;
}

$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if ($_SERVER['REQUEST_METHOD'] === 'POST' && $path === '/events') {
    http_response_code(receive());
} else {
    $told = str_starts_with($path, '/calls/') ? tell(substr($path, strlen('/calls/'))) : [];
    http_response_code($told ? 200 : 404);
    header('Content-Type: application/json');
    echo json_encode(['channels' => $told]);
}
