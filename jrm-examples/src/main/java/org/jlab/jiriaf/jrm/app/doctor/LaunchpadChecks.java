package org.jlab.jiriaf.jrm.app.doctor;

import com.mongodb.MongoClientSettings;
import com.mongodb.MongoCommandException;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.bson.Document;
import org.jlab.jiriaf.jrm.store.mongo.MongoWorkflowStore;
import org.jlab.jiriaf.jrm.store.mongo.config.LaunchpadConfig;
import org.jlab.jiriaf.jrm.workflow.SshInfo;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowFilter;
import org.jspecify.annotations.Nullable;

/** The LaunchPad: does it answer, and only those who know its password? */
final class LaunchpadChecks {

    private final LaunchpadConfig config;
    private List<Workflow> deployments = List.of();

    LaunchpadChecks(LaunchpadConfig config) {
        this.config = config;
    }

    void run(Examination examination) throws InterruptedException {
        if (examination.check("launchpad", this::answers)) {
            examination.check("launchpad password", this::isProtected);
        } else {
            examination.skip("launchpad password", "the LaunchPad does not answer");
        }
    }

    private Verdict answers() {
        try (MongoClient client = config.open()) {
            MongoDatabase database = client.getDatabase(config.databaseName());
            deployments = new MongoWorkflowStore(database).list(WorkflowFilter.DEPLOYMENTS);
            String answer = config + " answers; it knows " + deployments.size() + " deployments";
            return unsafeServer(database)
                    .map(server -> Verdict.warning(answer + ". " + server
                            + " does not change a document in one step, so concurrent writers overwrite each other."
                            + " Use MongoDB"))
                    .orElseGet(() -> Verdict.ok(answer));
        }
    }

    /** The server's name and version, if it is known for losing one of two concurrent changes of a document. */
    private static Optional<String> unsafeServer(MongoDatabase database) {
        Object version = database.runCommand(new Document("buildInfo", 1)).get("ferretdbVersion");
        return version instanceof String text && text.startsWith("v1.")
                ? Optional.of("FerretDB " + text)
                : Optional.empty();
    }

    /** The same server and the same TLS, but nobody in particular. */
    private Verdict isProtected() {
        MongoClientSettings known = config.clientSettings();
        MongoClientSettings stranger = MongoClientSettings.builder()
                .applyToClusterSettings(cluster -> cluster.applySettings(known.getClusterSettings()))
                .applyToSocketSettings(socket -> socket.applySettings(known.getSocketSettings()))
                .applyToSslSettings(ssl -> ssl.applySettings(known.getSslSettings()))
                .build();
        try (MongoClient client = MongoClients.create(stranger)) {
            client.getDatabase(config.databaseName()).runCommand(new Document("find", "workflows").append("limit", 1));
            return Verdict.warning("the database can be read without a password, on the login node by every user there."
                    + " Create a user in it, start it with authorization, and put username and password into the"
                    + " LaunchPad's file");
        } catch (MongoCommandException refused) {
            return Verdict.ok("the database refuses who does not log in");
        }
    }

    /** The deployment, not yet over, for which a port is forwarded on a login node. */
    Optional<Workflow> userOf(int port) {
        return deployments.stream()
                .filter(workflow -> !workflow.state().isOver() && uses(workflow.ssh(), port))
                .findFirst();
    }

    private static boolean uses(@Nullable SshInfo ssh, int port) {
        return ssh != null
                && Stream.concat(Stream.ofNullable(ssh.database()), Stream.ofNullable(ssh.apiserver()))
                        .anyMatch(entry -> entry.port() == port);
    }
}
