package org.jlab.jiriaf.jrm.ssh.sshj.internal.hostkey;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.hostkey.HostNamePatterns.Match;
import org.junit.jupiter.api.Test;

class HostNamePatternsTest {

    private static final int LISTS = 20_000;
    private static final String LETTERS = "ab.*?";

    @Test
    void randomListsMeanWhatTheManualSays() {
        Random random = new Random(7);
        for (int i = 0; i < LISTS; i++) {
            List<String> patterns = new ArrayList<>();
            for (int n = 1 + random.nextInt(4); n > 0; n--) {
                patterns.add((random.nextInt(3) == 0 ? "!" : "") + word(random, LETTERS));
            }
            String name = word(random, "abAB.");
            assertThat(HostNamePatterns.match(String.join(",", patterns), name))
                    .as("%s against %s", name, patterns)
                    .isEqualTo(oracle(patterns, name));
        }
    }

    private static String word(Random random, String letters) {
        return random.ints(random.nextInt(1, 6), 0, letters.length())
                .mapToObj(letters::charAt)
                .map(String::valueOf)
                .collect(Collectors.joining());
    }

    /** ssh_config(5), PATTERNS: a negated match excludes, and only a match that is not negated includes. */
    private static Match oracle(List<String> patterns, String name) {
        if (patterns.stream().anyMatch(p -> p.startsWith("!") && matches(p.substring(1), name))) {
            return Match.EXCLUDED;
        }
        return patterns.stream().anyMatch(p -> !p.startsWith("!") && matches(p, name)) ? Match.YES : Match.NO;
    }

    private static boolean matches(String pattern, String name) {
        String regex = pattern.replace(".", "\\.").replace("?", ".").replace("*", ".*");
        return Pattern.compile(regex, Pattern.CASE_INSENSITIVE).matcher(name).matches();
    }

    @Test
    void manyWildcardsEnd() {
        assertThat(HostNamePatterns.match("*a".repeat(500) + "b", "a".repeat(10_000)))
                .isEqualTo(Match.NO);
    }
}
