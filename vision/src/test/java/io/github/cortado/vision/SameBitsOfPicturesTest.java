package io.github.cortado.vision;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.cortado.backend.Compilers;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Interpreter, C1 and C2 transform pictures to the same bits for each vector width. */
@Tag("vector-only")
class SameBitsOfPicturesTest {
    @TempDir Path dir;

    /** Interpreted, a picture takes a third of a second. */
    @Test
    void interpreterAndBothCompilersAgreeOnTwoPictures() throws Exception {
        compare(64, 2);
    }

    @ParameterizedTest
    @ValueSource(ints = {16, 32, 64})
    @Tag("thorough")
    void interpreterAndBothCompilersAgree(int vectorBytes) throws Exception {
        compare(vectorBytes, 70);
    }

    private void compare(int vectorBytes, int pictures) throws Exception {
        int lines = new Compilers(dir, BitsOfPictures.class).compare(vectorBytes, "" + pictures);
        assertEquals((pictures + 9) / 10, lines);
    }
}
