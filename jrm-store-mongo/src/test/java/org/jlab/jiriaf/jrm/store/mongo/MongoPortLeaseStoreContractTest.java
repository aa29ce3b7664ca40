package org.jlab.jiriaf.jrm.store.mongo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Updates;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.stream.Stream;
import org.bson.Document;
import org.bson.types.Decimal128;
import org.jlab.jiriaf.jrm.contract.MutableClock;
import org.jlab.jiriaf.jrm.contract.PortLeaseStoreContract;
import org.jlab.jiriaf.jrm.port.PortLease;
import org.jlab.jiriaf.jrm.port.PortLeaseStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class MongoPortLeaseStoreContractTest extends PortLeaseStoreContract {

    @RegisterExtension
    static final TestLaunchpad LAUNCHPAD = new TestLaunchpad();

    @Override
    protected PortLeaseStore emptyStore(MutableClock time) {
        return new MongoWorkflowStore(LAUNCHPAD.emptyDatabase(), time).portLeases();
    }

    @ParameterizedTest
    @MethodSource("badFields")
    void aLeaseThatCannotBeReadIsLeftOutAndItsPortStaysTaken(String field, Object value) {
        MongoDatabase database = LAUNCHPAD.emptyDatabase();
        PortLeaseStore store = new MongoWorkflowStore(database).portLeases();
        List<PortLease> leases =
                store.acquire(List.of("cp"), List.of(10_000, 10_001), 2, "site_a", "kubelet", Duration.ofHours(1));
        database.getCollection("jrm_port_leases")
                .updateOne(new Document("_id.port", 10_000), Updates.set(field, value));

        assertThat(store.list()).extracting(PortLease::port).containsExactly(10_001);
        assertThat(store.renew("site_a", Duration.ofHours(2)))
                .extracting(PortLease::port)
                .containsExactly(10_001);
        assertThat(store.acquire(List.of("cp"), List.of(10_000), 1, "site_b", "kubelet", Duration.ofHours(1)))
                .isEmpty();
        store.release(leases.subList(1, 2));
        assertThat(store.list()).isEmpty();
    }

    static Stream<Arguments> badFields() {
        return Stream.of(
                arguments("hosts", "cp"),
                arguments("hosts", List.of(1)),
                arguments("hosts", List.of()),
                arguments("owner", 7),
                arguments("token", "1"),
                arguments("expires_at", "never"));
    }

    @Test
    void otherDocumentsKeepNoLeaseFromBeingTakenOrListed() {
        MongoDatabase database = LAUNCHPAD.emptyDatabase();
        PortLeaseStore store = new MongoWorkflowStore(database).portLeases();
        for (Object port : new Object[] {10_000.5, 70_000, Decimal128.NaN}) {
            database.getCollection("jrm_port_leases")
                    .insertOne(new Document("_id", new Document("host", "cp").append("port", port))
                            .append("hosts", List.of("cp"))
                            .append("owner", "site_a")
                            .append("token", 5)
                            .append("expires_at", Date.from(Instant.now().plusSeconds(3600))));
        }
        database.getCollection("jrm_counters").insertOne(new Document("_id", "port_lease_token").append("last", 7));

        assertThat(store.acquire(List.of("cp"), List.of(10_000, 10_001), 2, "site_a", "kubelet", Duration.ofHours(1)))
                .hasSize(2);
        assertThat(store.list()).extracting(PortLease::port).containsExactly(10_000, 10_001);
    }
}
