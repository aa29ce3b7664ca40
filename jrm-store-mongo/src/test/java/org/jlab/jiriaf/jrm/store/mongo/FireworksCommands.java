package org.jlab.jiriaf.jrm.store.mongo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The commands of a real FireWorks in a Python environment that {@code src/test/python/make-venvs.sh} has made. */
public final class FireworksCommands {

    private static final Path DRIVER =
            Path.of("src/test/python/launchpad_driver.py").toAbsolutePath();

    private final Path venv;
    private final Path folder;

    /**
     * Prepares the commands.
     *
     * @param variable environment variable or system property that names the Python environment
     * @param folder for configuration, launch folders and output
     * @param port port of the LaunchPad on this host
     * @param database its database
     */
    public FireworksCommands(String variable, Path folder, int port, String database) {
        this.venv = venv(variable);
        this.folder = folder;
        write("my_launchpad.yaml", "host: 127.0.0.1\nport: " + port + "\nname: " + database + "\nstrm_lvl: INFO\n");
        write("my_fworker.yaml", "name: perlmutter\ncategory: perlmutter\nquery: '{}'\n");
        write(
                "queue_template.txt",
                "#!/bin/bash\n#SBATCH --nodes=$${nodes}\n#SBATCH --qos=$${qos}\n$${rocket_launch}\n");
        write("my_qadapter.yaml", """
                _fw_name: CommonAdapter
                _fw_q_type: SLURM
                _fw_template_file: %s
                rocket_launch: rlaunch -w %s -l %s singleshot
                """.formatted(
                        file("queue_template.txt"), file("my_fworker.yaml"), file("my_launchpad.yaml")));
        write("sbatch", "#!/bin/sh\necho Submitted batch job 4711\n").toFile().setExecutable(true);
    }

    /** The Python environment that a variable or system property names. */
    static Path venv(String variable) {
        String location = System.getProperty(variable, System.getenv().getOrDefault(variable, ""));
        assertThat(location)
                .as("%s must name a Python environment; src/test/python/make-venvs.sh makes it", variable)
                .isNotBlank();
        return Path.of(location);
    }

    Path file(String name) {
        return folder.resolve(name);
    }

    private Path write(String name, String content) {
        try {
            return Files.writeString(file(name), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String lpad(String... arguments) {
        return run(command("lpad", "-l", file("my_launchpad.yaml").toString(), arguments));
    }

    String rlaunch(String... arguments) {
        return run(command(
                "rlaunch",
                "-w",
                file("my_fworker.yaml").toString(),
                "-l",
                file("my_launchpad.yaml").toString(),
                arguments));
    }

    String qlaunch(String... arguments) {
        return run(command(
                "qlaunch",
                "-r",
                "-w",
                file("my_fworker.yaml").toString(),
                "-l",
                file("my_launchpad.yaml").toString(),
                "-q",
                file("my_qadapter.yaml").toString(),
                arguments));
    }

    String driver(String... arguments) {
        return finish(startDriver(arguments));
    }

    /** How FireWorks reads launchpad files: a line of JSON for each. */
    public String readLaunchpads(List<Path> files) {
        List<String> command = new ArrayList<>(List.of(
                venv.resolve("bin/python").toString(),
                DRIVER.resolveSibling("read_launchpads.py").toString()));
        files.forEach(file -> command.add(file.toString()));
        return finish(start(command));
    }

    Process startDriver(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                venv.resolve("bin/python").toString(),
                DRIVER.toString(),
                file("my_launchpad.yaml").toString()));
        command.addAll(List.of(arguments));
        return start(command);
    }

    private List<String> command(String program, Object... parts) {
        List<String> command =
                new ArrayList<>(List.of(venv.resolve("bin/" + program).toString()));
        for (Object part : parts) {
            if (part instanceof String[] several) {
                command.addAll(List.of(several));
            } else {
                command.add(part.toString());
            }
        }
        return command;
    }

    private String run(List<String> command) {
        return finish(start(command));
    }

    private Process start(List<String> command) {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        Map<String, String> environment = builder.environment();
        environment.put("PATH", folder + ":" + venv.resolve("bin") + ":" + environment.get("PATH"));
        environment.put("HOME", folder.toString());
        environment.put("LC_ALL", "C.UTF-8");
        try {
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a process printed, after it ended well. */
    static String finish(Process process) {
        try {
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(300, TimeUnit.SECONDS)).as(output).isTrue();
            assertThat(process.exitValue()).as(output).isZero();
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        } finally {
            process.destroyForcibly();
        }
    }
}
