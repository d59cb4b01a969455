// A consumer of Vonage Contact Center webhooks in one file: it verifies each notification, stores it once,
// answers, and tells what it knows of a conversation. Java 17 or newer, with Gson and the JDBC driver for SQLite.
//
// VONAGE_SECRET is the secret in Base64; two, with a comma between them, while it is changed. DATABASE is a file,
// and PORT is where it listens.

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public final class Consumer {
    // part: verify
    /** Answer 401. */
    static final class Refused extends Exception {
        Refused(String why) {
            super(why);
        }
    }

    /** Refuses a token that is not one for this body, made with one of the keys (decoded secrets). */
    static void verify(List<byte[]> keys, String token, byte[] body, Instant now) throws Refused, GeneralSecurityException {
        String[] parts = token == null || token.length() > 8192 ? new String[0] : token.split("\\.", -1);
        if (parts.length != 3) throw new Refused("no token");
        if (!"HS256".equals(text(decode(parts[0]), "alg"))) throw new Refused("algorithm");

        boolean made = false;
        for (byte[] key : keys) {
            Mac hmac = Mac.getInstance("HmacSHA256");
            hmac.init(new SecretKeySpec(key, "HmacSHA256"));
            byte[] want = hmac.doFinal((parts[0] + "." + parts[1]).getBytes(StandardCharsets.UTF_8));
            made |= same(parts[2], Base64.getUrlEncoder().withoutPadding().encodeToString(want));
        }
        if (!made) throw new Refused("wrong key");

        JsonObject claims = decode(parts[1]);
        JsonElement exp = claims.get("exp");
        if (exp == null || !exp.isJsonPrimitive() || !exp.getAsJsonPrimitive().isNumber()
                || !(exp.getAsDouble() > now.toEpochMilli() / 1000.0)) throw new Refused("expired");
        String hash = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
        String claimed = text(claims, "payload_hash");
        if (claimed == null || !same(claimed, hash)) throw new Refused("hash");
    }

    static JsonObject decode(String part) throws Refused {
        try {
            return parse(Base64.getUrlDecoder().decode(part));
        } catch (IllegalArgumentException | IllegalStateException | JsonParseException | IOException | StackOverflowError e) {
            throw new Refused("malformed");
        }
    }

    /** A JSON object. JsonParser would take NaN, bare words and comments as well, and new String makes U+FFFD of what is no UTF-8. */
    static JsonObject parse(byte[] text) throws IOException {
        var reader = new JsonReader(new StringReader(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text)).toString()));
        JsonElement value = new Gson().getAdapter(JsonElement.class).read(reader);
        if (reader.peek() != JsonToken.END_DOCUMENT) throw new JsonParseException("more than one value");
        return value.getAsJsonObject();
    }

    static boolean same(String a, String b) {
        return MessageDigest.isEqual(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
    }
    // end

    /** A member that is a text of Unicode, or null. JSON can hold half of a surrogate pair, which no database takes. */
    static String text(JsonObject object, String name) {
        JsonElement e = object.get(name);
        boolean text = e != null && e.isJsonPrimitive() && e.getAsJsonPrimitive().isString() && !e.getAsString().isEmpty();
        return text && StandardCharsets.UTF_8.newEncoder().canEncode(e.getAsString()) ? e.getAsString() : null;
    }

    // part: read
    /** Answer 204: a retry would bring the same bytes. */
    static final class Unusable extends Exception {
        Unusable(String why) {
            super(why);
        }
    }

    /** The phases that events begin. disconnected begins none: what follows it at once does. */
    static final Map<String, String> BEGINS = new LinkedHashMap<>();

    static {
        String[] all = {"alerted", "alerting", "connected", "connected", "connectionfailed", "unexpected", "held", "held",
            "retrieved", "connected", "parked", "parked", "unparked", "connected", "interrupted", "interrupted",
            "resumed", "connected", "disconnected", "", "wrapstarted", "wrap", "ended", "ended"};
        for (int i = 0; i < all.length; i += 2) BEGINS.put(all[i], all[i + 1]);
    }

    static final Pattern TYPE = Pattern.compile("channel\\.(\\w+)\\.v[01]");

    /** What a notification says. All behind id are null unless it is about a channel. */
    record Notification(String source, String id, String conversation, String channel, String interaction, String role,
            String agent, String event, Long ticks) {}

    static Notification read(byte[] body) throws Unusable {
        JsonObject m;
        try {
            m = parse(body);
        } catch (IllegalStateException | JsonParseException | IOException | StackOverflowError e) {
            throw new Unusable("no JSON");
        }
        String source = text(m, "source"), id = text(m, "id"), type = text(m, "type");
        JsonObject data = object(m, "data");
        if (source == null || id == null || type == null || data == null) throw new Unusable("no notification");
        Matcher known = TYPE.matcher(type);
        if (!known.matches() || !BEGINS.containsKey(known.group(1))) { // of an agent, or of a type that is new: it is stored as it is
            return new Notification(source, id, null, null, null, null, null, null, null);
        }
        JsonObject channel = object(data, "channel");
        JsonObject party = channel == null ? null : object(channel, "party");
        if (party == null) throw new Unusable("no party");
        String agent = text(party, "agentId"); // absent or null unless an agent or a monitor; a text, never a number
        if (agent == null && party.has("agentId") && !party.get("agentId").isJsonNull()) throw new Unusable("an agentId that is no text");
        return new Notification(source, id, lower(text(channel, "conversationId")), lower(text(channel, "channelId")),
            lower(text(channel, "interactionId")), needed(text(party, "role")), agent, type.substring("channel.".length()), ticks(text(data, "timestamp")));
    }

    static String needed(String text) throws Unusable {
        if (text == null) throw new Unusable("a text is missing");
        return text;
    }

    static String lower(String guid) throws Unusable {
        return needed(guid).toLowerCase(Locale.ROOT);
    }

    static JsonObject object(JsonObject of, String name) {
        JsonElement e = of.get(name);
        return e != null && e.isJsonObject() ? e.getAsJsonObject() : null;
    }

    /** A moment with 0 to 7 fractional digits, in units of 100 ns since 1970. */
    static long ticks(String moment) throws Unusable {
        try {
            Instant at = Instant.parse(String.valueOf(moment));
            return at.getEpochSecond() * 10_000_000 + at.getNano() / 100;
        } catch (DateTimeException e) {
            throw new Unusable("no timestamp");
        }
    }
    // end

    // part: lives
    /** The phases in which events can happen. The order of events that no phase decides is that of BEGINS. */
    static final Map<String, String> NEEDS = Map.of("alerted", "", "connected", "alerting", "connectionfailed", "alerting",
        "held", "connected", "retrieved", "held", "parked", "connected", "unparked", "parked", "interrupted", "connected",
        "resumed", "interrupted");

    /** The events that lead back from a phase. */
    static final Map<String, String> BACK = Map.of("held", "retrieved", "parked", "unparked", "interrupted", "resumed");

    /** The phase that events of a channel lead to, or null, and how many seconds it was in each phase. */
    static String life(List<Notification> events, Map<String, Double> seconds) {
        var instants = new TreeMap<Long, List<String>>();
        for (Notification n : events) instants.computeIfAbsent(n.ticks(), at -> new ArrayList<>()).add(n.event());
        String phase = "";
        long since = 0;
        for (var instant : instants.entrySet()) {
            for (String kind : inOrder(instant.getValue(), phase)) {
                String next = BEGINS.get(kind);
                if (next.isEmpty() || next.equals(phase) || phase.equals("ended")) continue; // nothing follows ended
                if (!phase.isEmpty()) seconds.merge(phase, (instant.getKey() - since) / 1e7, Double::sum);
                phase = next;
                since = instant.getKey();
            }
        }
        return phase.isEmpty() ? null : phase;
    }

    /** The kinds of the events of one instant, such as held.v0, in an order in which each may follow the one before. */
    static List<String> inOrder(List<String> events, String phase) {
        var often = new LinkedHashMap<String, Integer>(); // both versions of an event are one
        for (String kind : BEGINS.keySet()) {
            often.put(kind, Math.max(Collections.frequency(events, kind + ".v0"), Collections.frequency(events, kind + ".v1")));
        }
        var order = new ArrayList<String>();
        for (;;) {
            String now = phase;
            List<String> left = often.keySet().stream().filter(k -> often.get(k) > 0).toList();
            if (left.isEmpty()) return order;
            List<String> fits = left.stream().filter(k -> now.equals(NEEDS.get(k))).toList();
            // Of several that fit, one goes first from which there is a way back; if none fits, one is still to come.
            String kind = fits.stream().filter(k -> often.getOrDefault(BACK.getOrDefault(k, ""), 0) > 0).findFirst()
                .orElse(fits.isEmpty() ? left.get(0) : fits.get(0));
            often.merge(kind, -1, Integer::sum);
            order.add(kind);
            if (!BEGINS.get(kind).isEmpty()) phase = BEGINS.get(kind);
        }
    }
    // end

    // part: store
    /** One row for each notification. The primary key makes duplicates harmless, and since the row is the event, a crash
     * leaves both behind or neither. */
    static final String SCHEMA = """
        CREATE TABLE IF NOT EXISTS notifications (
          source TEXT NOT NULL, id TEXT NOT NULL, conversation TEXT, channel TEXT, interaction TEXT, role TEXT, agent TEXT,
          event TEXT, ticks INTEGER, body BLOB NOT NULL, PRIMARY KEY (source, id))""";

    private final Connection db; // one connection, so its users take turns
    private final List<byte[]> keys;

    Consumer(Connection db, List<byte[]> keys) throws SQLException {
        this.db = db;
        this.keys = keys;
        try (var s = db.createStatement()) {
            s.execute("PRAGMA journal_mode = wal");
            s.execute(SCHEMA);
            s.execute("CREATE INDEX IF NOT EXISTS by_conversation ON notifications (conversation, ticks)");
        }
    }

    synchronized void store(Notification n, byte[] body) throws SQLException {
        try (var insert = db.prepareStatement("INSERT OR IGNORE INTO notifications VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
            Object[] columns = {n.source, n.id, n.conversation, n.channel, n.interaction, n.role, n.agent, n.event, n.ticks, body};
            for (int i = 0; i < columns.length; i++) insert.setObject(i + 1, columns[i]);
            insert.executeUpdate();
        }
    }
    // end

    // part: receive
    int receive(HttpExchange exchange) throws IOException {
        InputStream in = exchange.getRequestBody();
        byte[] body = in.readNBytes((1 << 20) + 1);
        if (body.length > 1 << 20) { // read on, or else the sender might see a reset in place of the answer
            int left = 16 << 20;
            for (int n; left > 0 && (n = in.read(body)) >= 0; left -= n) {}
            return 413;
        }
        try {
            verify(keys, exchange.getRequestHeaders().getFirst("Vonage-Signature"), body, Instant.now());
            store(read(body), body);
            return 204;
        } catch (Refused e) {
            System.err.println("refused: " + e.getMessage());
            return 401;
        } catch (Unusable e) {
            System.err.println("cannot be used: " + e.getMessage());
            return 204;
        } catch (SQLException | GeneralSecurityException | RuntimeException e) {
            System.err.println("not stored: " + e);
            return 503; // it comes again
        }
    }
    // end

    /** What is known of a conversation. Leave it out of what others can reach. */
    synchronized List<Map<String, Object>> tell(String conversation) throws SQLException {
        var channels = new LinkedHashMap<String, List<Notification>>();
        try (var select = db.prepareStatement("SELECT * FROM notifications WHERE conversation = ? ORDER BY ticks")) {
            select.setString(1, conversation.toLowerCase(Locale.ROOT));
            for (ResultSet r = select.executeQuery(); r.next();) {
                var n = new Notification(r.getString("source"), r.getString("id"), r.getString("conversation"), r.getString("channel"),
                    r.getString("interaction"), r.getString("role"), r.getString("agent"), r.getString("event"), r.getLong("ticks"));
                channels.computeIfAbsent(n.channel, c -> new ArrayList<>()).add(n);
            }
        }
        var told = new ArrayList<Map<String, Object>>();
        for (var events : channels.values()) {
            Notification first = events.get(0);
            var seconds = new HashMap<String, Double>();
            var channel = new HashMap<String, Object>();
            channel.put("channelId", first.channel);
            channel.put("interactionId", first.interaction);
            channel.put("role", first.role);
            channel.put("agentId", first.agent);
            channel.put("phase", life(events, seconds));
            channel.put("seconds", seconds);
            channel.put("notifications", events.size());
            told.add(channel);
        }
        return told;
    }

    void handle(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        try (exchange) {
            if (exchange.getRequestMethod().equals("POST") && path.equals("/events")) {
                exchange.sendResponseHeaders(receive(exchange), -1);
                return;
            }
            var told = path.startsWith("/calls/") ? tell(path.substring("/calls/".length())) : List.of();
            byte[] json = new Gson().toJson(Map.of("channels", told)).getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(told.isEmpty() ? 404 : 200, json.length);
            exchange.getResponseBody().write(json);
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }

    public static void main(String[] args) throws Exception {
        var db = DriverManager.getConnection("jdbc:sqlite:" + System.getenv("DATABASE"));
        var consumer = new Consumer(db, Arrays.stream(System.getenv("VONAGE_SECRET").split(",")).map(Base64.getDecoder()::decode).toList());
        var server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 128);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/", consumer::handle);
        server.start();
    }
}
