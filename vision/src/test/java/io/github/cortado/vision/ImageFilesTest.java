package io.github.cortado.vision;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.JavaProgram;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is around decoding; the pixels are compared by PillowTest. */
class ImageFilesTest {
    @TempDir Path dir;

    private Path black(String name, int width, int height) throws IOException {
        Path file = dir.resolve(name);
        BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
        assertTrue(ImageIO.write(picture, "png", file.toFile()));
        return file;
    }

    @Test
    void noTemporaryDirectoryIsNeeded() throws IOException {
        Path picture = black("p.png", 4, 3);
        Path gone = Files.createDirectory(dir.resolve("gone"));
        File before = ImageIO.getCacheDirectory();
        ImageIO.setCacheDirectory(gone.toFile());
        Files.delete(gone);
        try {
            assertEquals("Image[3, 3, 4]", ImageFiles.read(picture).toString());
            assertTrue(ImageIO.getUseCache(), "others' setting is theirs");
        } finally {
            ImageIO.setCacheDirectory(before);
        }
    }

    /** One picture is sure not to fit, the other is found not to while it is decoded. */
    @Test
    void aPictureThatTheHeapCannotHoldSaysSoWithFileSizeAndFlag() throws Exception {
        Path large = black("large.png", 6000, 4000);
        Path middle = black("middle.png", 3000, 3200);
        Path small = black("small.png", 10, 10);
        List<String> lines = read("-Xmx40m", large, middle, small);
        assertEquals(3, lines.size(), lines::toString);
        assertTrue(
                lines.get(0)
                        .matches(
                                ".*large\\.png: 6000 x 4000 pixels take 91 MB or more, the heap has \\d+; -Xmx sets it"),
                lines.get(0));
        assertTrue(
                lines.get(1)
                        .matches(
                                ".*middle\\.png: 3000 x 3200 pixels do not fit into the heap of \\d+ MB; -Xmx sets it"),
                lines.get(1));
        assertEquals("Image[3, 10, 10]", lines.get(2));
    }

    private static List<String> read(String flag, Path... files) throws Exception {
        Process process =
                JavaProgram.plain(
                                ReadsPictures.class,
                                List.of(flag, "-Djava.awt.headless=true"),
                                Stream.of(files).map(Path::toString).toArray(String[]::new))
                        .redirectErrorStream(true)
                        .start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertEquals(0, process.waitFor(), said);
        return said.lines().toList();
    }

    @Test
    void theSizeIsLookedAtBeforeAnythingIsDecoded() {
        String gif = "474946383961ff3fff3f800000000000ffffff2c00000000ff3fff3f0002003b";
        String message = message(HexFormat.of().parseHex(gif));
        assertEquals(
                "name: 16383 x 16383 are 268402689 pixels, at most 178956970 are read", message);
    }

    @Test
    void whatADecoderThrowsIsAnIoExceptionWithTheName() {
        String message = message(HexFormat.of().parseHex("4d4d002a00000008000d0100000300000001"));
        assertTrue(message.startsWith("name: "), message);
    }

    @Test
    void whatIsNoPictureSaysWhatItIs() {
        assertTrue(message(new byte[0]).endsWith("; the file is empty"));
        assertTrue(message("P6\n1 1\n255\nabc".getBytes(UTF_8)).endsWith("; this is PPM or PGM"));
        assertTrue(message("<html></html>".getBytes(UTF_8)).endsWith("; this is a web page"));
        // Java's decoder of WBMP would take it for a picture.
        assertTrue(message(new byte[64]).contains("not a picture"));
    }

    private static String message(byte[] file) {
        return assertThrows(
                        IOException.class,
                        () -> ImageFiles.read(new ByteArrayInputStream(file), "name"))
                .getMessage();
    }
}
