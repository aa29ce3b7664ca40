package org.jlab.jiriaf.jrm.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunDirectoryTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path parent;

    @Test
    void isRemovedWithAllThatIsInIt() throws IOException {
        Path path;
        try (RunDirectory run = RunDirectory.create(parent, new Random(1))) {
            path = run.path();
            Files.createDirectories(path.resolve("a/b"));
            Files.writeString(path.resolve("a/b/c"), "text");
        }
        assertThat(path).doesNotExist();
    }

    @Test
    void runsAtTheSameTimeHaveDifferentNetworks() {
        try (RunDirectory one = RunDirectory.create(parent, new Random(1));
                RunDirectory two = RunDirectory.create(parent, new Random(1))) {
            assertThat(one.network()).isNotEqualTo(two.network());
            assertThat(one.path()).isNotEqualTo(two.path());
        }
    }

    @Test
    void aLaterRunRemovesADeadOneAndLeavesALiveOne() throws IOException {
        // A folder whose lock nobody holds is what a killed run leaves.
        Path dead = Files.createDirectory(parent.resolve("jrm-quickstart-9.9"));
        Files.writeString(dead.resolve("pid"), "1");
        Files.writeString(dead.resolve("lock"), "");
        Files.writeString(dead.resolve("rest"), "");
        try (RunDirectory live = RunDirectory.create(parent, new Random(1));
                RunDirectory later = RunDirectory.create(parent, new Random(2))) {
            assertThat(dead).doesNotExist();
            assertThat(live.path()).exists();
            assertThat(later.path()).exists();
        }
    }

    @Test
    void whatOnlyLooksLikeARunIsLeftAlone() throws IOException {
        Path target = Files.createDirectory(parent.resolve("precious"));
        Files.writeString(target.resolve("lock"), "");
        Path link = Files.createSymbolicLink(parent.resolve("jrm-quickstart-8.8"), target);
        Path withoutLock = Files.createDirectory(parent.resolve("jrm-quickstart-7.7"));
        try (RunDirectory run = RunDirectory.create(parent, new Random(1))) {
            assertThat(run.path()).exists();
        }
        assertThat(link).exists();
        assertThat(target.resolve("lock")).exists();
        assertThat(withoutLock).exists();
    }
}
