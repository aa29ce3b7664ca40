package org.jlab.jiriaf.jrm.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jlab.jiriaf.jrm.tunnel.SshHop;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SiteConfigTest {

    private static final Set<SiteKey> MAY_HOLD_ANYTHING =
            Set.of(SiteKey.CONTROL_PLANE_IP, SiteKey.IMAGE, SiteKey.SSH_KEY, SiteKey.BUILD_SCRIPT);

    private static final String MINIMAL = """
            jrm:
              nodename: jrm-test
              kubeconfig: /home/jrm/kubeconfig
            ssh:
              remote: login33
            """;

    @Test
    void fillsInTheDefaults() {
        SiteConfig config = SiteConfig.parse(MINIMAL, "site.yaml");
        assertThat(config.slurm()).isEqualTo(new SlurmSettings(1, null, Walltime.UNLIMITED, null, null, null));
        assertThat(config.jrm())
                .isEqualTo(new JrmSettings(
                        "jrm-test",
                        "perlmutter",
                        SiteProfile.PERLMUTTER,
                        "jiriaf2301",
                        35679,
                        "/home/jrm/kubeconfig",
                        "docker:jlabtsai/vk-cmd:main",
                        List.of("172.17.0.1"),
                        List.of()));
        assertThat(config.ssh()).isEqualTo(new SshSettings(SshHop.parse("login33"), null, null, null, null));
    }

    @Test
    void readsPerlmuttersFileOnceItsPlaceholdersAreFilledIn() {
        String yaml = site("perlmutter-example.yaml")
                .replace("loginXX", "login33")
                .replace("< this is the ssh key to access the remote machine >", "~/.ssh/nersc");
        SiteConfig config = SiteConfig.parse(yaml, "perlmutter-example.yaml");
        assertThat(config.slurm().nodes()).isEqualTo(2);
        assertThat(config.slurm().walltime().toSlurm()).isEqualTo("00:05:00");
        assertThat(config.jrm().apiserverPort()).isEqualTo(38687);
        assertThat(config.jrm().customMetricsPorts()).hasToString("[2221, 1776, 8088, 2222]");
        assertThat(config.ssh().remote()).isEqualTo(new SshHop("login33", null, 0));
        assertThat(config.ssh().remoteProxy()).isEqualTo(new SshHop("perlmutter", null, 0));
        assertThat(config.ssh().key()).isEqualTo(Path.of(System.getProperty("user.home"), ".ssh", "nersc"));
    }

    @Test
    void readsFabricsFileWhereTheJumpHostIsTheOnlyHost() {
        String yaml = site("fabric-example.yaml").replace("< IP >", "192.0.2.7");
        SiteConfig config = SiteConfig.parse(yaml, "fabric-example.yaml");
        assertThat(config.slurm().walltime()).isEqualTo(Walltime.UNLIMITED);
        assertThat(config.slurm().nodeType()).isEqualTo("generic");
        assertThat(config.jrm().site()).isEqualTo("fabric-0");
        assertThat(config.jrm().profile()).isEqualTo(SiteProfile.FABRIC);
        assertThat(config.jrm().customMetricsPorts()).contains(new CustomMetricsPort(2221, true));
        assertThat(config.ssh().route().login()).isEqualTo(new SshHop("192.0.2.7", "ubuntu", 0));
    }

    @ParameterizedTest
    @CsvSource({
        "fabric-example.yaml, ssh.remote_proxy (line 25): 'ubuntu@< IP >' is a placeholder",
        "perlmutter-example.yaml, ssh.remote (line 21): 'loginXX' stands for any login node",
        "perlmutter-example.yaml, put the path of a private key there",
        "perlmutter_config.yaml, put the login node",
        "ornl-example.yaml, put the password in base64 there",
        "ornl_config.yaml, ssh.remote (line 23)",
        "my_fworker.yaml, is not a site file",
        "my_launchpad.yaml, is not a site file",
        "my_qadapter.yaml, is not a site file",
        "queue_template.yaml, is not a site file"
    })
    void refusesFilesThatAreStillToBeFilledIn(String file, String words) {
        String yaml = site(file);
        assertThatThrownBy(() -> SiteConfig.parse(yaml, file))
                .isInstanceOf(SiteConfigException.class)
                .hasMessageContaining(file)
                .hasMessageContaining(words);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "walltime: 12:00:00|12:00:00",
                "walltime: '1:00:00'|01:00:00",
                "walltime: 010|00:10:00",
            })
    void readsScalarsAsTheTextThatStandsThere(String line, String walltime) {
        SiteConfig config = SiteConfig.parse("slurm:\n  account: yes\n  qos: 010\n  " + line + "\n" + MINIMAL, "site");
        assertThat(config.slurm().walltime().toSlurm()).isEqualTo(walltime);
        assertThat(config.slurm().account()).isEqualTo("yes");
        assertThat(config.slurm().qos()).isEqualTo("010");
    }

    @Test
    void reportsAllFaultsAtOnceWithKeyValueAndWhatIsExpected() {
        String yaml = """
                slurm:
                  nodes: two
                  walltime: 1h
                  account: m 0000
                  nodes: 3
                jrm:
                  nodename: JRM_Test
                  site: a b
                  config_class: nersc
                  apiserver_port: 99999
                  vkubelet_pod_ips: [localhost]
                  custom_metrics_ports: [2221, y1, 2221]
                  kubeconfg: /home/jrm/kubeconfig
                  walltime: 00:30:00
                ssh:
                  remote: '-oProxyCommand=touch'
                slrum:
                """;
        SiteConfigException e =
                catchThrowableOfType(SiteConfigException.class, () -> SiteConfig.parse(yaml, "site.yaml"));
        assertThat(e.faults())
                .hasSize(16)
                .anyMatch(fault -> fault.startsWith("slurm.nodes (line 2): 'two' will not do; expected a whole number"))
                .anyMatch(fault -> fault.startsWith("slurm.nodes (line 5): stands there twice, first line 2"))
                .anyMatch(fault -> fault.startsWith("slurm.walltime (line 3): '1h' will not do"))
                .anyMatch(fault -> fault.startsWith("slurm.account (line 4): 'm 0000' cannot be used"))
                .anyMatch(fault -> fault.startsWith("jrm.nodename (line 7): 'JRM_Test' cannot be used"))
                .anyMatch(fault -> fault.startsWith("jrm.site (line 8): 'a b' cannot be used"))
                .anyMatch(fault -> fault.startsWith("jrm.config_class (line 9): 'nersc' is no site profile"))
                .anyMatch(fault -> fault.startsWith("jrm.apiserver_port (line 10): '99999' will not do"))
                .anyMatch(fault -> fault.startsWith("jrm.vkubelet_pod_ips (line 11): 'localhost' cannot be used"))
                .anyMatch(fault -> fault.startsWith("jrm.custom_metrics_ports (line 12): 'y1' is no port"))
                .anyMatch(fault -> fault.contains("'2221' stands there twice"))
                .anyMatch(fault -> fault.equals("jrm.kubeconfg (line 13): unknown key; did you mean jrm.kubeconfig?"))
                .anyMatch(fault -> fault.equals("jrm.walltime (line 14): unknown key; did you mean slurm.walltime?"))
                .anyMatch(fault -> fault.startsWith("jrm.kubeconfig: is missing; expected the absolute path"))
                .anyMatch(fault -> fault.equals("slrum (line 17): unknown block; did you mean slurm?"))
                .anyMatch(fault -> fault.startsWith("ssh.remote (line 16): '-oProxyCommand=touch' cannot be used"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"[2221, 1776]", "2221 1776", "2221, 1776", "'2221,1776'"})
    void takesCustomMetricsPortsAsAListOrAsText(String ports) {
        SiteConfig config =
                SiteConfig.parse(MINIMAL.replace("ssh:", "  custom_metrics_ports: " + ports + "\nssh:"), "s");
        assertThat(config.jrm().customMetricsPorts()).hasToString("[2221, 1776]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "~", "null", "[]", "''"})
    void takesABlankListForTheDefault(String blank) {
        SiteConfig config = SiteConfig.parse(MINIMAL.replace("ssh:", "  vkubelet_pod_ips: " + blank + "\nssh:"), "s");
        assertThat(config.jrm().vkubeletPodIps()).containsExactly("172.17.0.1");
    }

    @Test
    void readsTheOlderFormByEnvironmentVariables() {
        Map<String, String> environment = new HashMap<>(Map.of(
                "nnodes", "4",
                "nodetype", "cpu",
                "walltime", "00:05:00",
                "nodename", "vk-nersc-test",
                "site", "perlmutter",
                "account", "m0000",
                "qos", "debug",
                "ssh_remote", "jrm@192.0.2.13",
                "custom_metrics_ports", "2221 1776",
                "kubeconfig", "/home/jrm/kubeconfig"));
        environment.put("logs", "/home/jrm/logs");
        environment.put("PATH", "/usr/bin");
        SiteConfig config = SiteConfig.fromEnvironment(environment);
        assertThat(config.slurm().nodes()).isEqualTo(4);
        assertThat(config.slurm().constraint()).isEqualTo("cpu");
        assertThat(config.jrm().customMetricsPorts()).hasToString("[2221, 1776]");
        assertThat(config.ssh().remote()).isEqualTo(SshHop.parse("jrm@192.0.2.13"));
    }

    @Test
    void namesTheVariableThatIsWrong() {
        assertThatThrownBy(() -> SiteConfig.fromEnvironment(Map.of("nnodes", "none", "site", "fabric")))
                .isInstanceOf(SiteConfigException.class)
                .hasMessageContaining("nnodes: 'none'")
                .hasMessageContaining("nodename: is missing")
                .hasMessageContaining("ssh_remote_proxy: is missing");
    }

    @Test
    void decodesThePasswordAndNeverShowsIt() {
        // "MARKER-OF-A-SECRET\n", as `echo` and `base64` make it.
        String yaml = MINIMAL + "  password: TUFSS0VSLU9GLUEtU0VDUkVUCg==\n";
        SiteConfig config = SiteConfig.parse(yaml, "site");
        assertThat(Objects.requireNonNull(config.ssh().password()).reveal()).isEqualTo("MARKER-OF-A-SECRET");
        assertThat(config.toString() + config.toYaml())
                .doesNotContain("MARKER")
                .doesNotContain("TUFSS0VS")
                .contains("******");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"MARKER-OF-A-SECRET", "/w==", "AAAA", "[MARKER]", "<MARKER>", "\"MARKER", "!MARKER x", "*MARKER"
            })
    void saysNothingOfAPasswordThatItCannotRead(String password) {
        assertThatThrownBy(() -> SiteConfig.parse(MINIMAL + "  password: " + password + "\n", "site"))
                .isInstanceOf(SiteConfigException.class)
                .hasMessageNotContaining("MARKER")
                .hasMessageNotContaining(password);
    }

    @ParameterizedTest
    @CsvSource({
        "gpu&hbm80g, gpu_hbm80g",
        "cpu, cpu",
        "'[rack1|rack2]', rack1_rack2",
        "'&', generic",
        ", generic",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa&aaaa,"
                + " aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    })
    void makesAValidLabelOfAnyConstraint(@org.jspecify.annotations.Nullable String constraint, String nodeType) {
        SlurmSettings slurm = new SlurmSettings(1, constraint, Walltime.UNLIMITED, null, null, null);
        assertThat(slurm.nodeType()).isEqualTo(nodeType);
    }

    @Test
    void printsWhatItUnderstoodSoThatItReadsBack() {
        String yaml = """
                slurm:
                  nodes: 2
                  constraint: gpu&hbm80g
                  walltime: 90
                  reservation: 'on'
                jrm:
                  nodename: jrm-test
                  site: fabric-0
                  config_class: fabric
                  kubeconfig: "/home/a b/it's: #kubeconfig"
                  vkubelet_pod_ips: [172.17.0.1, 'fd00::1']
                  custom_metrics_ports: [x2221, 1776]
                ssh:
                  remote_proxy: ubuntu@192.0.2.7:2222
                  ssh_key: /home/jrm/.ssh/key
                """;
        SiteConfig config = SiteConfig.parse(yaml, "site");
        assertThat(SiteConfig.parse(config.toYaml(), "printed")).isEqualTo(config);
    }

    @Test
    void readsASiteThatIsDescribedAndNotKnown() {
        String yaml = MINIMAL + """
                slurm:
                  partition: gpu
                  gpus_per_node: a100:4
                  signal: USR2@120
                  directives: [exclusive, core-spec=4]
                profile:
                  container: podman-hpc
                  start: srun-each
                  node_tunnels: yes
                  prologue: [module load podman-hpc]
                """;
        SiteConfig config = SiteConfig.parse(yaml.replace("jrm:\n", "jrm:\n  site: polaris\n"), "site");
        assertThat(config.jrm().profile())
                .isEqualTo(new SiteProfile(
                        "polaris",
                        SiteProfile.ImageFetch.PODMAN_HPC,
                        SiteProfile.ScriptStart.SRUN_EACH,
                        List.of(),
                        true,
                        true,
                        "",
                        List.of("module load podman-hpc")));
        assertThat(config.slurm().options())
                .isEqualTo(new SlurmOptions(
                        "gpu", "a100:4", null, null, null, "USR2@120", List.of("exclusive", "core-spec=4")));
        assertThat(SiteConfig.parse(config.toYaml(), "printed")).isEqualTo(config);
    }

    @Test
    void changesWhatAProfileSays() {
        String yaml = MINIMAL + "profile: {container: apptainer, srun_options: [--cpu-bind=none]}\n";
        SiteProfile profile = SiteConfig.parse(yaml, "site").jrm().profile();
        assertThat(profile.imageFetch()).isEqualTo(SiteProfile.ImageFetch.APPTAINER);
        assertThat(profile.srunOptions()).containsExactly("--cpu-bind=none");
        assertThat(profile.condaEnvironment()).isEqualTo("fireworks");
    }

    @Test
    void saysWhatADescriptionLacks() {
        String yaml = MINIMAL.replace("jrm:\n", "jrm:\n  site: polaris\n")
                + "profile: {container: dockr, node_tunnels: maybe, prologue: ['echo $$'], srun_options: [x]}\n"
                + "slurm: {directives: [--exclusive]}\n";
        assertThatThrownBy(() -> SiteConfig.parse(yaml, "site"))
                .hasMessageContaining(
                        "profile.container (line 7): 'dockr' is unknown; expected one of shifter, apptainer")
                .hasMessageContaining("profile.start: is missing in the description of site profile 'polaris'")
                .hasMessageContaining("profile.node_tunnels (line 7): 'maybe'")
                .hasMessageContaining("profile.prologue (line 7): 'echo $$'")
                .hasMessageContaining("profile.srun_options (line 7): 'x'")
                .hasMessageContaining("slurm.directives (line 8): '--exclusive'");
    }

    @Test
    void namesAFileThatIsNotThere(@TempDir Path folder) {
        Path file = folder.resolve("no-such.yaml");
        assertThatThrownBy(() -> SiteConfig.read(file))
                .isInstanceOf(SiteConfigException.class)
                .hasMessageContaining("no-such.yaml")
                .hasMessageContaining("no such file");
    }

    @Test
    void refusesWhatIsMadeToExhaustItsReader() {
        String deep = "[".repeat(100_000);
        assertThatThrownBy(() -> SiteConfig.parse(deep, "deep.yaml"))
                .isInstanceOf(SiteConfigException.class)
                .hasMessageContaining("more than 20 deep in each other");

        StringBuilder aliases = new StringBuilder("a: &a [x, x]\n");
        for (char name = 'b'; name <= 'z'; name++) {
            aliases.append("%c: &%c [*%c, *%c, *%c]\n".formatted(name, name, name - 1, name - 1, name - 1));
        }
        assertThatThrownBy(() -> SiteConfig.parse(aliases.toString(), "aliases.yaml"))
                .isInstanceOf(SiteConfigException.class)
                .hasMessageContaining("aliases");
    }

    @Test
    void refusesAFileThatIsNotUtf8(@TempDir Path folder) throws IOException {
        Path file = Files.write(
                folder.resolve("latin1.yaml"), "jrm:\n  nodename: é\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> SiteConfig.read(file)).hasMessageContaining("UTF-8");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a b", "$(touch x)", "`id`", "a'b", "a\"b", "line\nbreak", "nul\u0000", "naïve-名", "-x", "<x>"})
    void carriesAHostileValueOrRefusesItByName(String value) {
        String yamlValue = "\""
                + value.replace("\\", "\\\\")
                        .replace("\"", "\\\"")
                        .replace("\n", "\\n")
                        .replace("\0", "\\0") + "\"";
        for (SiteKey key : SiteKey.values()) {
            if (key.block.equals("profile")) {
                // What stands there is shell script and options by intent.
                continue;
            }
            String text = key.isList() ? "[" + yamlValue + "]" : yamlValue;
            String yaml = withKey(key, text);
            try {
                SiteConfig config = SiteConfig.parse(yaml, "site");
                assertThat(config.toString()).as(key.path()).contains(value);
                assertThat(key.block.equals("slurm") || MAY_HOLD_ANYTHING.contains(key))
                        .as(key + " " + value)
                        .isTrue();
            } catch (SiteConfigException e) {
                assertThat(e).hasMessageContaining(key.path());
            }
        }
    }

    private static String withKey(SiteKey key, String value) {
        StringBuilder yaml = new StringBuilder();
        for (String block : SiteKey.BLOCKS) {
            yaml.append(block).append(":\n");
            Map<SiteKey, String> needed = Map.of(
                    SiteKey.NODENAME, "jrm-test",
                    SiteKey.KUBECONFIG, "/home/jrm/kubeconfig",
                    SiteKey.CONFIG_CLASS, "test",
                    SiteKey.REMOTE, "login33");
            for (SiteKey each : SiteKey.in(block)) {
                String text = each == key ? value : needed.get(each);
                if (text != null) {
                    yaml.append("  ").append(each.key).append(": ").append(text).append('\n');
                }
            }
        }
        return yaml.toString();
    }

    private static String site(String file) {
        try (InputStream in = Objects.requireNonNull(SiteConfigTest.class.getResourceAsStream(file), file)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
