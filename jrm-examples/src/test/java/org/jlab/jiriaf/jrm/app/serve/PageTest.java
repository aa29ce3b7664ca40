package org.jlab.jiriaf.jrm.app.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jlab.jiriaf.jrm.app.demo.ServedStage;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page in a browser: deploy, look at the map, delete. Needs Chromium and its driver. */
@Tag("browser")
class PageTest {

    /** Where the pictures of a run are left to be looked at. */
    private static final Path PICTURES = Path.of("target", "page");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @Test
    void deploysShowsTheMapAndDeletes() throws IOException {
        Files.createDirectories(PICTURES);
        try (ServedStage served = new ServedStage(2, List.of(2221, 1776));
                Browser browser = new Browser(folder)) {
            browser.resize(1280, 1400);
            browser.open(served.url());
            browser.awaitTrue("document.getElementById('connection').textContent === 'live'");
            assertThat(browser.evaluate("document.getElementById('no-workflows').hidden")
                            .asBoolean())
                    .isFalse();

            browser.click("#deploy summary");
            browser.type("#site", Files.readString(Path.of(served.siteFile())));
            browser.screenshot(PICTURES.resolve("deploy-1280.png"));
            browser.click("#deploy-button");

            browser.awaitTrue("document.querySelector('#workflow-1 .ready')?.textContent === '2/2'");
            browser.awaitTrue("document.querySelector('#workflow-1 .tunnels').textContent === '8/8'");
            browser.awaitTrue("document.querySelector('#workflow-1 .state').textContent === 'RUNNING'");
            browser.awaitTrue("document.querySelectorAll('#map .up').length >= 14");
            assertThat(browser.evaluate("document.querySelectorAll('#map .down').length")
                            .asInt())
                    .isZero();
            assertThat(browser.evaluate("document.getElementById('events').textContent")
                            .asString())
                    .contains("store workflow done", "workflow 1 is RUNNING");
            assertFits(browser);
            browser.screenshot(PICTURES.resolve("running-1280.png"));

            browser.resize(390, 844);
            assertFits(browser);
            browser.screenshot(PICTURES.resolve("running-390.png"));
            browser.evaluate("document.getElementById('map-title').scrollIntoView({behavior: 'instant'})");
            browser.screenshot(PICTURES.resolve("map-390.png"));

            browser.click("#delete-1");
            browser.awaitTrue("document.getElementById('delete-dialog').open");
            browser.screenshot(PICTURES.resolve("delete-390.png"));
            browser.click("#delete-button");
            browser.awaitTrue("document.getElementById('workflow-1') === null");
            browser.awaitTrue("!document.getElementById('no-tunnels').hidden");
            assertThat(browser.evaluate("document.getElementById('message').hidden")
                            .asBoolean())
                    .isTrue();
            assertThat(browser.complaints()).isEmpty();
        }
    }

    /** Nothing sticks out to the side, as it would on a phone. */
    private static void assertFits(Browser browser) {
        assertThat(browser.evaluate("document.documentElement.scrollWidth - window.innerWidth")
                        .asInt())
                .isLessThanOrEqualTo(0);
    }
}
