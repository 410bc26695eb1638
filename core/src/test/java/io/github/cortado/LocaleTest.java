package io.github.cortado;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.cortado.nn.Conv2d;
import io.github.cortado.nn.LeakyReLU;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/**
 * What is printed where digits are others. The build runs more tests that compare messages in such
 * a locale; Error Prone refuses formats that would follow it.
 */
class LocaleTest {
    @Test
    void whatIsPrintedHasAsciiDigitsAndAPointInEveryLocale() {
        Locale before = Locale.getDefault();
        try {
            for (String tag : List.of("ar-EG", "fa", "ne", "de")) {
                Locale.setDefault(Locale.forLanguageTag(tag));
                assertEquals(
                        "Conv2d(3, 16, kernel_size=(3, 3), stride=(1, 1)), LeakyReLU(negative_slope=0.25)",
                        new Conv2d(3, 16, 3) + ", " + new LeakyReLU(0.25),
                        tag);
                assertEquals("float32", DType.FLOAT32.toString());
            }
            Locale.setDefault(Locale.forLanguageTag("ar-EG"));
            assertEquals("\u0663", String.format(Locale.getDefault(), "%d", 3), "other digits");
        } finally {
            Locale.setDefault(before);
        }
    }
}
