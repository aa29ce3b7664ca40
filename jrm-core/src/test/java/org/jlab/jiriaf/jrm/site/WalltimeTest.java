package org.jlab.jiriaf.jrm.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WalltimeTest {

    @ParameterizedTest
    @CsvSource({
        "2, 00:02:00, 60",
        "90, 01:30:00, 5340",
        "01:30, 00:01:30, 30",
        "90:30, 01:30:30, 5370",
        "00:30:00, 00:30:00, 1740",
        "12:00:00, 12:00:00, 43140",
        "36:00:00, 36:00:00, 129540",
        "1-0, 24:00:00, 86340",
        "1-00:00:00, 24:00:00, 86340",
        "1-12, 36:00:00, 129540",
        "1-12:30, 36:30:00, 131340",
        "1-12:30:15, 36:30:15, 131355",
        "010, 00:10:00, 540"
    })
    void readsEveryFormThatSlurmTakes(String text, String canonical, long jiriafSeconds) {
        Walltime walltime = Walltime.parse(text);
        assertThat(walltime.toSlurm()).isEqualTo(canonical);
        assertThat(walltime.jiriafSeconds()).isEqualTo(jiriafSeconds);
        assertThat(Walltime.parse(canonical)).isEqualTo(walltime);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "UNLIMITED", "infinite"})
    void takesNoTextForNoLimit(String text) {
        assertThat(Walltime.parse(text)).isEqualTo(Walltime.UNLIMITED);
        assertThat(Walltime.parse(text).jiriafSeconds()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "0", "00:01:00", "1:00", "0-0:1", "00:00:59"})
    void refusesALimitThatLeavesTheJrmNoTime(String text) {
        assertThatThrownBy(() -> Walltime.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("60 s");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1h", "-5", "1:2:3:4", "1-2:3:4:5", "1-", "::", "12:00:", "1.5", "tomorrow", "99999999999"})
    void refusesWhatSlurmWouldNotTake(String text) {
        assertThatThrownBy(() -> Walltime.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(text);
    }
}
