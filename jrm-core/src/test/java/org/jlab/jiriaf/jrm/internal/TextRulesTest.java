package org.jlab.jiriaf.jrm.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextRulesTest {

    /** C0, DEL, C1, line and paragraph separators, marks of direction, joiners, half a pair. */
    @ParameterizedTest
    @ValueSource(
            ints = {
                0, 7, 8, '\n', '\r', '\t', 0x1b, 0x7f, 0x80, 0x85, 0x9b, 0x9d, 0x2028, 0x2029, 0x200b, 0x200e, 0x200f,
                0x202a, 0x202e, 0x2066, 0x2069, 0xfeff, 0xad, 0xd800, 0xdc00
            })
    void nothingThatATerminalActsUponIsPrintable(int c) {
        String text = "a" + new String(Character.toChars(c)) + "b";

        assertThat(TextRules.printable(text)).isEqualTo("a?b");
        assertThat(TextRules.oneLine(text)).isNotNull();
        assertThat(TextRules.toOneLine(text, 100)).hasLineCount(1);
        assertThat(TextRules.oneLine(TextRules.toOneLine(text, 100))).isNull();
        assertThat(TextRules.oneLine(TextRules.lastWords(text, 100))).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "plain", "übergroß", "\u65e5\u672c", "\ud83d\ude80", "a b"})
    void whatPeopleWriteIsPrintable(String text) {
        assertThat(TextRules.printable(text)).isSameAs(text);
        assertThat(TextRules.oneLine(text)).isNull();
    }

    @Test
    void aLineBreakForgesNoSecondLine() {
        assertThat(TextRules.toOneLine("one\r\n  two\u0085three\u2028four", 100))
                .isEqualTo("one; two; three; four");
        assertThat(TextRules.lastWords("one\n\n\u0085two\u2029three", 100)).isEqualTo("one two three");
    }

    @Test
    void theLastWordsOfAProgramAreKept() {
        assertThat(TextRules.lastWords("\u001b[31mno\u001b[0m \tlogin \n", 100)).isEqualTo("no login");
        assertThat(TextRules.lastWords("0123456789", 4)).isEqualTo("\u20266789");
        assertThat(TextRules.lastWords("0\ud83d\ude80123", 4)).isEqualTo("\u2026123");
    }

    @Test
    void aCutTextEndsInAnEllipsis() {
        assertThat(TextRules.toOneLine("0123456789", 4)).isEqualTo("012\u2026");
        assertThat(TextRules.toOneLine("01\ud83d\ude80456789", 4)).isEqualTo("01\u2026");
    }
}
