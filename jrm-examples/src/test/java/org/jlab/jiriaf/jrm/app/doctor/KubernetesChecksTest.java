package org.jlab.jiriaf.jrm.app.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jlab.jiriaf.jrm.app.doctor.Finding.Status;
import org.jlab.jiriaf.jrm.k8s.fabric8.KubeconfigClient;
import org.jlab.jiriaf.jrm.site.KubeconfigContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the doctor says of kubeconfigs with one fault. */
class KubernetesChecksTest {

    private static final String EXEC =
            "apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, args: [x], command: ";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            c      | exec: {EXEC no-such-plugin} | no-such-plugin | was not found
            c      | exec: {EXEC /bin/false}     | /bin/false     | failed with exit code 1
            c      | exec: {EXEC ./plugin}       | ./plugin       | the login is over
            ''     | token: t                    | current-context | is empty
            nosuch | token: t                    | current-context | nosuch
            c      | tokenFile: absent-token     | tokenFile      | absent-token
            """)
    void theFaultIsToldByFileAndKeyAndNothingElse(String context, String user, String key, String cause)
            throws Exception {
        Path plugin = Files.writeString(folder.resolve("plugin"), "#!/bin/sh\necho the login is over >&2\nexit 1\n");
        assertThat(plugin.toFile().setExecutable(true)).isTrue();
        Path file = kubeconfig(context, user.replace("EXEC ", EXEC));

        List<Finding> findings = examine(file);

        assertThat(findings).hasSize(2);
        assertThat(findings.get(0).check()).isEqualTo("kubernetes");
        assertThat(findings.get(0).status()).isEqualTo(Status.FAILURE);
        assertThat(findings.get(0).message())
                .contains(file.toString(), key.replace("./", ""), cause)
                .doesNotContain("kubernetes.default.svc", "has expired", "`server`", "nothing answers");
        assertThat(findings.get(1).status()).isEqualTo(Status.SKIPPED);
    }

    private Path kubeconfig(String context, String user) throws IOException {
        return Files.writeString(folder.resolve("config"), """
                apiVersion: v1
                kind: Config
                current-context: %s
                contexts: [{name: c, context: {cluster: cl, user: us}}]
                clusters: [{name: cl, cluster: {server: 'http://127.0.0.1:9'}}]
                users:
                - name: us
                  user: {%s}
                """.formatted(context, user));
    }

    private static List<Finding> examine(Path file) throws InterruptedException {
        try (Examination examination = new Examination(finding -> {})) {
            new KubernetesChecks(() -> KubeconfigClient.open(KubeconfigContext.read(List.of(file))), null)
                    .run(examination);
            return examination.findings();
        }
    }
}
