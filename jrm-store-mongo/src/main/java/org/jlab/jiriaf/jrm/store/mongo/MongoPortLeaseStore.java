package org.jlab.jiriaf.jrm.store.mongo;

import com.mongodb.ErrorCategory;
import com.mongodb.MongoBulkWriteException;
import com.mongodb.MongoCommandException;
import com.mongodb.bulk.BulkWriteError;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.FindOneAndUpdateOptions;
import com.mongodb.client.model.InsertManyOptions;
import com.mongodb.client.model.Projections;
import com.mongodb.client.model.ReturnDocument;
import com.mongodb.client.model.Updates;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.bson.types.ObjectId;
import org.jlab.jiriaf.jrm.internal.TextRules;
import org.jlab.jiriaf.jrm.port.PortAllocationException;
import org.jlab.jiriaf.jrm.port.PortLease;
import org.jlab.jiriaf.jrm.port.PortLeaseStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Port leases in two collections of jrm's own, which FireWorks does not know.
 *
 * <p>{@code jrm_port_leases} has one document per host and port: {@code {_id: {host, port}, hosts, owner, purpose, token,
 * nonce, expires_at}}. That {@code _id} is what no two can insert. A lease on several hosts takes them in alphabetical order,
 * so of two that want the same port one gets all of it. The token is the port and a number from {@code jrm_counters}, which is
 * taken after the port is held, so a later lease of a port always has a higher one; until then it is negative and the lease is
 * nobody's. Ports that are leased in one call and follow each other so have tokens that do. The nonce tells own documents from
 * others' after a lost answer.
 */
final class MongoPortLeaseStore implements PortLeaseStore {

    private static final Logger LOG = LoggerFactory.getLogger(MongoPortLeaseStore.class);
    private static final int MAX_PORT = 65_535;
    private static final int MAX_SHOWN = 200;
    private static final String EXPIRES = "expires_at";
    private static final long PENDING = 0;

    /** What the counter goes up by for each call: more than there are ports. */
    private static final long TOKENS = 1 << 16;

    /** Runs of tokens in one request. A server without indexes compares every lease with all of them, and has to answer in time. */
    private static final int RUNS_AT_ONCE = 250;

    private final MongoCollection<Document> leases;
    private final MongoCollection<Document> counters;
    private final Clock clock;
    private final RetryingCalls calls;

    MongoPortLeaseStore(MongoDatabase database, Clock clock) {
        this.leases = database.getCollection("jrm_port_leases");
        this.counters = database.getCollection("jrm_counters");
        this.clock = clock;
        this.calls = new RetryingCalls(database.getName(), PortAllocationException::new);
    }

    @Override
    public List<PortLease> acquire(
            List<String> hosts, List<Integer> ports, int count, String owner, String purpose, Duration validity) {
        if (ports.isEmpty() || count < 1) {
            return List.of();
        }
        Instant now = clock.instant();
        Instant expiresAt = FireworksDate.date(now.plus(validity)).toInstant();
        ObjectId nonce = new ObjectId();
        String what = "lease ports for " + owner;
        try {
            List<Integer> held = new ArrayList<>();
            List<Integer> open = new ArrayList<>(ports);
            open.removeAll(taken(what, hosts, ports, now));
            while (held.size() < count && !open.isEmpty()) {
                List<Integer> wanted = List.copyOf(open.subList(0, Math.min(count - held.size(), open.size())));
                open.removeAll(wanted);
                Document template = new Document("hosts", hosts)
                        .append("owner", owner)
                        .append("purpose", purpose)
                        .append("nonce", nonce)
                        .append(EXPIRES, FireworksDate.date(expiresAt));
                held.addAll(hold(what, hosts, wanted, template));
            }
            return confirm(what, hosts, held, owner, purpose, nonce, expiresAt);
        } catch (RuntimeException e) {
            calls.undo("give back the ports of " + owner, e, () -> leases.deleteMany(Filters.eq("nonce", nonce)));
            throw e;
        }
    }

    private Set<Integer> taken(String what, List<String> hosts, List<Integer> ports, Instant now) {
        Bson mayConflict = Filters.and(
                Filters.in("_id.host", hosts),
                Filters.gte("_id.port", Collections.min(ports)),
                Filters.lte("_id.port", Collections.max(ports)));
        Set<Integer> taken = new HashSet<>();
        List<Object> expired = new ArrayList<>();
        for (Document lease : calls.run(
                what,
                () -> leases.find(mayConflict)
                        .projection(Projections.include(EXPIRES))
                        .into(new ArrayList<>()))) {
            Instant expiresAt = FireworksDate.read(lease.get(EXPIRES));
            if (expiresAt != null && !expiresAt.isAfter(now)) {
                expired.add(lease.get("_id"));
            } else {
                Integer port = DocumentFields.integer(DocumentFields.at(lease, "_id", "port"));
                if (port != null) {
                    taken.add(port);
                }
            }
        }
        if (!expired.isEmpty()) {
            Bson stillExpired = Filters.and(Filters.in("_id", expired), Filters.lte(EXPIRES, FireworksDate.date(now)));
            calls.act(what, () -> leases.deleteMany(stillExpired));
        }
        return taken;
    }

    /** Holds each port on all hosts or on none. */
    private List<Integer> hold(String what, List<String> hosts, List<Integer> ports, Document template) {
        List<Integer> held = new ArrayList<>(ports);
        List<String> sorted = hosts.stream().distinct().sorted().toList();
        for (int i = 0; i < sorted.size() && !held.isEmpty(); i++) {
            String host = sorted.get(i);
            List<Integer> lost = insert(what, host, held, template);
            held.removeAll(lost);
            if (i > 0 && !lost.isEmpty()) {
                List<Document> ids = new ArrayList<>();
                for (String earlier : sorted.subList(0, i)) {
                    lost.forEach(port -> ids.add(id(earlier, port)));
                }
                Bson mine = Filters.and(Filters.in("_id", ids), Filters.eq("nonce", template.get("nonce")));
                calls.act(what, () -> leases.deleteMany(mine));
            }
        }
        return held;
    }

    /** Inserts what it can; returns the ports that somebody else has on this host. */
    private List<Integer> insert(String what, String host, List<Integer> ports, Document template) {
        List<Document> documents = ports.stream()
                .map(port -> {
                    Document document = new Document("_id", id(host, port));
                    document.putAll(template);
                    document.append("token", port - TOKENS);
                    return document;
                })
                .toList();
        return calls.run(what, tried -> {
            try {
                leases.insertMany(documents, new InsertManyOptions().ordered(false));
                return List.<Integer>of();
            } catch (MongoBulkWriteException e) {
                if (!e.getWriteErrors().stream().allMatch(MongoPortLeaseStore::isDuplicate)) {
                    throw e;
                }
                List<Integer> lost = new ArrayList<>();
                e.getWriteErrors().forEach(error -> lost.add(ports.get(error.getIndex())));
                if (tried > 0) {
                    lost.removeAll(mine(host, template));
                }
                return lost;
            }
        });
    }

    private Set<Integer> mine(String host, Document template) {
        Set<Integer> mine = new HashSet<>();
        for (Document lease : leases.find(Filters.eq("nonce", template.get("nonce")))) {
            if (host.equals(DocumentFields.at(lease, "_id", "host"))) {
                mine.add(Objects.requireNonNull(DocumentFields.integer(DocumentFields.at(lease, "_id", "port"))));
            }
        }
        return mine;
    }

    private static boolean isDuplicate(BulkWriteError error) {
        return error.getCategory() == ErrorCategory.DUPLICATE_KEY;
    }

    /** Gives the ports that are held their tokens. */
    private List<PortLease> confirm(
            String what,
            List<String> hosts,
            List<Integer> ports,
            String owner,
            String purpose,
            ObjectId nonce,
            Instant expiresAt) {
        if (ports.isEmpty()) {
            return List.of();
        }
        long base = takeTokens(what);
        List<PortLease> confirmed = ports.stream()
                .map(port -> new PortLease(hosts, port, owner, purpose, base + port, expiresAt))
                .toList();
        // What has its token already, because an answer was lost, is left alone.
        Bson pending = Filters.and(Filters.eq("nonce", nonce), Filters.lt("token", PENDING));
        calls.act(what, () -> leases.updateMany(pending, Updates.inc("token", base + TOKENS)));
        return confirmed;
    }

    /** Returns the number that a port is added to for its token. */
    private long takeTokens(String what) {
        Document counter = calls.run(what, tried -> {
            try {
                return countUp();
            } catch (MongoCommandException e) {
                // Two that make the first count at once: one of them finds the other's.
                if (RetryingCalls.isDuplicate(e)) {
                    return countUp();
                }
                throw e;
            }
        });
        return counter.get("last", Number.class).longValue() - TOKENS;
    }

    private Document countUp() {
        return Objects.requireNonNull(counters.findOneAndUpdate(
                Filters.eq("_id", "port_lease_token"),
                Updates.inc("last", TOKENS),
                new FindOneAndUpdateOptions().upsert(true).returnDocument(ReturnDocument.AFTER)));
    }

    @Override
    public List<PortLease> renew(String owner, Duration validity) {
        Instant now = clock.instant();
        String what = "renew the port leases of " + owner;
        Bson mine = Filters.and(
                Filters.eq("owner", owner), Filters.gt(EXPIRES, FireworksDate.date(now)), Filters.gt("token", PENDING));
        calls.act(what, () -> leases.updateMany(mine, Updates.set(EXPIRES, FireworksDate.date(now.plus(validity)))));
        return read(what, mine);
    }

    @Override
    public void release(Collection<PortLease> released) {
        if (released.isEmpty()) {
            return;
        }
        List<Bson> runs = runs(released.stream()
                .mapToLong(PortLease::token)
                .sorted()
                .distinct()
                .toArray());
        for (int from = 0; from < runs.size(); from += RUNS_AT_ONCE) {
            Bson some = Filters.or(runs.subList(from, Math.min(runs.size(), from + RUNS_AT_ONCE)));
            calls.act("release ports", () -> leases.deleteMany(some));
        }
    }

    /** Sorted tokens as conditions, one for those that follow each other. A token is given to one port, so nothing else has it. */
    private static List<Bson> runs(long[] tokens) {
        List<Bson> runs = new ArrayList<>();
        int first = 0;
        for (int next = 1; next <= tokens.length; next++) {
            if (next == tokens.length || tokens[next] != tokens[next - 1] + 1) {
                runs.add(Filters.and(Filters.gte("token", tokens[first]), Filters.lte("token", tokens[next - 1])));
                first = next;
            }
        }
        return runs;
    }

    @Override
    public List<PortLease> list() {
        return read(
                "list port leases",
                Filters.and(Filters.gt(EXPIRES, FireworksDate.date(clock.instant())), Filters.gt("token", PENDING)));
    }

    /**
     * A lease that does not have all its hosts any more has been taken over in part: it is gone. A lease that cannot be read is
     * left out, and its port stays taken until somebody mends or removes the document.
     */
    private List<PortLease> read(String what, Bson filter) {
        Map<Long, List<PortLease>> byToken = new LinkedHashMap<>();
        for (Document document : calls.run(what, () -> leases.find(filter).into(new ArrayList<>()))) {
            PortLease lease = lease(document);
            if (lease == null) {
                LOG.warn(
                        "The lease {} in {} cannot be read and is left out: {}. Its port stays leased; mend the document,"
                                + " or remove it if nothing uses the port.",
                        TextRules.toOneLine(String.valueOf(document.get("_id")), MAX_SHOWN),
                        leases.getNamespace(),
                        TextRules.toOneLine(document.toJson(), MAX_SHOWN));
            } else {
                byToken.computeIfAbsent(lease.token(), key -> new ArrayList<>()).add(lease);
            }
        }
        return byToken.values().stream()
                .filter(parts -> parts.size() == new HashSet<>(parts.get(0).hosts()).size())
                .map(parts -> parts.get(0))
                .sorted(Comparator.comparingInt(PortLease::port).thenComparingLong(PortLease::token))
                .toList();
    }

    /** Null if it is not understood. */
    private static @Nullable PortLease lease(Document lease) {
        List<?> hosts = DocumentFields.list(lease.get("hosts"));
        Integer port = DocumentFields.integer(DocumentFields.at(lease, "_id", "port"));
        Instant expiresAt = FireworksDate.read(lease.get(EXPIRES));
        if (hosts.isEmpty()
                || !hosts.stream().allMatch(String.class::isInstance)
                || port == null
                || port < 1
                || port > MAX_PORT
                || !(lease.get("owner") instanceof String owner)
                || !(lease.get("token") instanceof Number token)
                || expiresAt == null) {
            return null;
        }
        return new PortLease(
                DocumentFields.texts(hosts),
                port,
                owner,
                DocumentFields.text(lease.get("purpose"), ""),
                token.longValue(),
                expiresAt);
    }

    private static Document id(String host, int port) {
        return new Document("host", host).append("port", port);
    }
}
