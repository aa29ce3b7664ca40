package org.jlab.jiriaf.jrm.site;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jlab.jiriaf.jrm.contract.ParserFuzz;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SiteFilesFuzzTest {

    private static final String KUBECONFIG = """
            apiVersion: v1
            kind: Config
            current-context: c
            contexts: [{name: c, context: {cluster: cl, user: us, namespace: n}}]
            clusters:
            - name: cl
              cluster: {server: 'https://127.0.0.1:6443', insecure-skip-tls-verify: true, proxy-url: 'http://p:1'}
            users:
            - name: us
              user:
                token: t
                as: bob
                as-groups: [g]
                as-user-extra: {k: [v]}
                exec: {apiVersion: client.authentication.k8s.io/v1, command: x, args: [a], env: [{name: A, value: b}]}
            """;

    private final Path file;

    SiteFilesFuzzTest(@TempDir Path folder) {
        this.file = folder.resolve("file.yaml");
    }

    @Test
    void siteFiles() throws IOException {
        List<String> samples =
                List.of(sample("perlmutter-example.yaml"), sample("ornl_config.yaml"), sample("fabric-example.yaml"));
        ParserFuzz.feed(samples, input -> SiteConfig.read(Files.write(file, input)), SiteConfigException.class);
    }

    @Test
    void kubeconfigs() {
        ParserFuzz.feed(
                List.of(KUBECONFIG),
                input -> KubeconfigContext.read(List.of(Files.write(file, input))),
                SiteConfigException.class);
    }

    @Test
    void kubeconfigsForTheSite() {
        ParserFuzz.feed(
                List.of(KUBECONFIG), input -> Kubeconfig.read(Files.write(file, input)), SiteConfigException.class);
    }

    @Test
    void walltimes() {
        ParserFuzz.feed(
                List.of("90", "12:00:00", "1-00:00:00", "2-3", "UNLIMITED", "1:2", "0"),
                input -> Walltime.parse(new String(input, StandardCharsets.UTF_8)),
                IllegalArgumentException.class);
    }

    private static String sample(String name) throws IOException {
        return Files.readString(Path.of("src/test/resources/org/jlab/jiriaf/jrm/site", name));
    }
}
