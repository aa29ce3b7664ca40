package org.jlab.jiriaf.jrm.app.practice;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.site.SiteConfig;

/**
 * A site file for the practice site, as its users would write it.
 *
 * @param site site name and FireWorks category
 * @param profile site profile
 * @param nodes compute nodes
 * @param walltime walltime, or blank
 * @param slurm further lines of the slurm block
 * @param customMetricsPorts ports on the nodes, as the file has them
 * @param kubeconfig its path at the site
 * @param ssh the ssh block
 */
record SiteFile(
        String site,
        String profile,
        int nodes,
        String walltime,
        List<String> slurm,
        List<String> customMetricsPorts,
        String kubeconfig,
        List<String> ssh) {

    /** The JRMs end half a minute after their start, a minute before the limit. */
    static final String HALF_A_MINUTE = "00:01:30";

    /** NERSC: a certificate through the jump host; hosts are aliases of the SSH configuration. */
    static SiteFile perlmutter(String site) {
        return new SiteFile(
                site,
                "perlmutter",
                2,
                "00:10:00",
                List.of("constraint: cpu", "qos: debug", "account: m3792"),
                List.of("2221", "1776"),
                "/home/certuser/kubeconfig",
                List.of("remote_proxy: dtnproxy", "remote: login01"));
    }

    /** ORNL: one password for both hops. */
    static SiteFile ornl(String site, String encodedPassword) {
        return new SiteFile(
                site,
                "ornl",
                2,
                "00:10:00",
                List.of("constraint: ejfat", "qos: normal", "account: csc266"),
                List.of("2221", "1776"),
                "/home/pwuser/kubeconfig",
                List.of(
                        "remote_proxy: pwuser@jump.practice",
                        "remote: pwuser@login01.practice",
                        "password: " + encodedPassword));
    }

    /** FABRIC: one virtual machine, no batch system, applications keep their ports. */
    static SiteFile fabric(String site) {
        return new SiteFile(
                site,
                "fabric",
                1,
                "",
                List.of(),
                List.of("x2221", "x1776"),
                "/home/ubuntu/kubeconfig",
                List.of("remote_proxy: fabric-vm"));
    }

    SiteFile withNodes(int count) {
        return new SiteFile(site, profile, count, walltime, slurm, customMetricsPorts, kubeconfig, ssh);
    }

    SiteFile withWalltime(String limit) {
        return new SiteFile(site, profile, nodes, limit, slurm, customMetricsPorts, kubeconfig, ssh);
    }

    SiteFile withSlurm(String... lines) {
        return new SiteFile(site, profile, nodes, walltime, List.of(lines), customMetricsPorts, kubeconfig, ssh);
    }

    SiteFile withKubeconfig(String path) {
        return new SiteFile(site, profile, nodes, walltime, slurm, customMetricsPorts, path, ssh);
    }

    /** With more lines in the ssh block. */
    SiteFile withSsh(String... lines) {
        List<String> all = new ArrayList<>(ssh);
        all.addAll(List.of(lines));
        return new SiteFile(site, profile, nodes, walltime, slurm, customMetricsPorts, kubeconfig, all);
    }

    String yaml() {
        return """
                slurm:
                  nodes: %d
                  walltime: %s
                %sjrm:
                  nodename: jrm-%s
                  site: %s
                  config_class: %s
                  control_plane_ip: control
                  apiserver_port: %d
                  kubeconfig: %s
                  image: docker:jlabtsai/vk-cmd:main
                  vkubelet_pod_ips: [172.17.0.1]
                  custom_metrics_ports: [%s]
                ssh:
                %s""".formatted(
                        nodes,
                        walltime,
                        block(slurm),
                        site,
                        site,
                        profile,
                        PracticeSite.APISERVER_PORT,
                        kubeconfig,
                        String.join(", ", customMetricsPorts),
                        block(ssh));
    }

    SiteConfig config() {
        return SiteConfig.parse(yaml(), site + ".yaml");
    }

    private static String block(List<String> lines) {
        return lines.stream().map(line -> "  " + line + "\n").collect(Collectors.joining());
    }
}
