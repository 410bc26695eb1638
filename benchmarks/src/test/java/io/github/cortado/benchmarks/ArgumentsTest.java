package io.github.cortado.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.benchmarks.Arguments.UsageException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ArgumentsTest {
    private static final Map<String, String> DEFAULTS = Map.of("batch", "100", "infer", "false");

    @Test
    void whatIsNotGivenHasItsDefault() {
        Arguments a = Arguments.parse(List.of(), DEFAULTS);
        assertEquals(100, a.count("batch"));
        assertFalse(a.on("infer"));
    }

    @Test
    void optionsTakeTheNextWordAndSwitchesDoNot() {
        Arguments a = Arguments.parse(List.of("--infer", "--batch", "7"), DEFAULTS);
        assertEquals(7, a.count("batch"));
        assertTrue(a.on("infer"));
    }

    @Test
    void anUnknownOptionIsNamedBesideThoseThereAre() {
        String message = messageOf("--bach", "7");
        assertTrue(message.contains("'--bach'"), message);
        assertTrue(message.contains("--batch (100)"), message);
    }

    @Test
    void aWordWithoutDashesIsUnknown() {
        assertTrue(messageOf("batch").contains("'batch'"));
    }

    @Test
    void anOptionWithoutItsValueIsNamed() {
        assertEquals("option --batch needs a value", messageOf("--batch"));
    }

    @Test
    void countsAreWholeNumbersFromOne() {
        for (String wrong : List.of("0", "-3", "2.5", "many", "99999999999")) {
            Arguments a = Arguments.parse(List.of("--batch", wrong), DEFAULTS);
            String message =
                    assertThrows(UsageException.class, () -> a.count("batch")).getMessage();
            assertTrue(message.endsWith("got " + wrong), message);
        }
    }

    private static String messageOf(String... line) {
        return assertThrows(UsageException.class, () -> Arguments.parse(List.of(line), DEFAULTS))
                .getMessage();
    }
}
