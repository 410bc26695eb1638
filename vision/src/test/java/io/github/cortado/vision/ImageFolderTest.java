package io.github.cortado.vision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.data.Image;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageFolderTest {
    @TempDir Path root;

    private static Path write(Path file, int type, int rgb) throws IOException {
        BufferedImage picture = new BufferedImage(5, 3, type);
        for (int i = 0; i < 15; i++) {
            picture.setRGB(i % 5, i / 5, rgb);
        }
        Files.createDirectories(file.getParent());
        String name = file.getFileName().toString();
        String format = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        assertTrue(ImageIO.write(picture, format, file.toFile()));
        return file;
    }

    @Test
    void classesAndFilesAreSortedAndOtherFilesIgnored() throws IOException {
        write(root.resolve("dog/b.png"), BufferedImage.TYPE_INT_RGB, 0x102030);
        write(root.resolve("dog/a/z.jpg"), BufferedImage.TYPE_INT_RGB, 0x808080);
        write(root.resolve("cat/1.PNG"), BufferedImage.TYPE_INT_RGB, 0xfe0102);
        Files.writeString(root.resolve("cat/notes.txt"), "no picture");
        Files.writeString(root.resolve("cat/.hidden.png"), "no picture");
        Files.writeString(root.resolve("README"), "no class");
        ImageFolder folder = new ImageFolder(root);
        assertEquals(List.of("cat", "dog"), folder.classNames());
        assertEquals(3, folder.size());
        assertEquals(0, folder.label(0));
        assertEquals(1, folder.label(1));
        assertEquals(root.resolve("dog/a/z.jpg"), folder.file(1));
        Image cat = folder.image(0);
        assertEquals("Image[3, 3, 5]", cat.toString());
        assertEquals(0xfe, cat.get(0, 2, 4));
        assertEquals(0x01, cat.get(1, 2, 4));
        assertEquals(0x02, cat.get(2, 2, 4));
        assertEquals(0x80, folder.image(1).get(1, 0, 0), 3);
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                BufferedImage.TYPE_INT_ARGB,
                BufferedImage.TYPE_3BYTE_BGR,
                BufferedImage.TYPE_4BYTE_ABGR,
                BufferedImage.TYPE_BYTE_INDEXED
            })
    void everyKindOfPictureBecomesRgb(int type) throws IOException {
        Image image = ImageFiles.read(write(root.resolve("p.png"), type, 0xff3366cc));
        assertEquals(0x33, image.get(0, 1, 1));
        assertEquals(0x66, image.get(1, 1, 1));
        assertEquals(0xcc, image.get(2, 1, 1));
    }

    @Test
    void greyKeepsItsValues() throws IOException {
        for (int type : new int[] {BufferedImage.TYPE_BYTE_GRAY, BufferedImage.TYPE_USHORT_GRAY}) {
            BufferedImage picture = new BufferedImage(2, 2, type);
            boolean wide = type == BufferedImage.TYPE_USHORT_GRAY;
            picture.getRaster().setSample(1, 0, 0, wide ? 77 << 8 : 77);
            Path file = root.resolve("g.png");
            ImageIO.write(picture, "png", file.toFile());
            Image image = wide ? ImageFiles.of(ImageIO.read(file.toFile())) : ImageFiles.read(file);
            for (int c = 0; c < 3; c++) {
                assertEquals(77, image.get(c, 0, 1));
                assertEquals(0, image.get(c, 1, 1));
            }
        }
    }

    @Test
    void allThatTorchvisionListsIsListedAndWhatIsNotIsTold() throws IOException {
        for (String name : List.of("a.webp", "b.bmp", "c.TIFF", "d.tif", "e.JPEG", "f.jpg")) {
            Files.createDirectories(root.resolve("cat"));
            Files.writeString(root.resolve("cat").resolve(name), "");
        }
        Files.writeString(root.resolve("cat/g.heic"), "");
        Files.writeString(root.resolve("cat/h.ppm"), "");
        Files.writeString(root.resolve("loose.png"), "");
        ImageFolder folder = new ImageFolder(root);
        assertEquals(6, folder.size());
        assertEquals(root.resolve("cat/a.webp"), folder.file(0));
        assertEquals(
                List.of(
                        root.resolve("cat/g.heic"),
                        root.resolve("cat/h.ppm"),
                        root.resolve("loose.png")),
                folder.skipped());
    }

    @Test
    void linksToClassesDirectoriesAndFilesAreFollowed(@TempDir Path elsewhere) throws IOException {
        Path store = elsewhere.resolve("store");
        write(store.resolve("x/1.png"), BufferedImage.TYPE_INT_RGB, 1);
        write(store.resolve("2.png"), BufferedImage.TYPE_INT_RGB, 2);
        Files.createDirectories(root.resolve("cat"));
        Files.createSymbolicLink(root.resolve("cat/more"), store.resolve("x"));
        Files.createSymbolicLink(root.resolve("cat/two.png"), store.resolve("2.png"));
        Files.createSymbolicLink(root.resolve("dog"), store);
        ImageFolder folder = new ImageFolder(root);
        assertEquals(List.of("cat", "dog"), folder.classNames());
        List<Path> found = IntStream.range(0, folder.size()).mapToObj(folder::file).toList();
        assertEquals(
                List.of(
                        root.resolve("cat/more/1.png"),
                        root.resolve("cat/two.png"),
                        root.resolve("dog/2.png"),
                        root.resolve("dog/x/1.png")),
                found);
        assertEquals(1, folder.image(0).get(2, 0, 0));
    }

    @Test
    void aLinkToNothingAndALoopOfLinksAreNamed() throws IOException {
        write(root.resolve("cat/1.png"), BufferedImage.TYPE_INT_RGB, 1);
        Path gone = Files.createSymbolicLink(root.resolve("cat/2.png"), root.resolve("none.png"));
        String message = fails(root);
        assertEquals(gone + ": a link to nothing", message);
        Files.delete(gone);
        Path gonePath = Files.createSymbolicLink(root.resolve("dog"), root.resolve("none"));
        assertEquals(gonePath + ": a link to nothing", fails(root));
        Files.delete(gonePath);
        Path loop = Files.createSymbolicLink(root.resolve("cat/loop"), root.resolve("cat"));
        assertEquals(loop + ": a link to a directory that it is in", fails(root));
    }

    @Test
    void whatIsAbsentOrEmptyIsNamed() throws IOException {
        String message = fails(root.resolve("absent"));
        assertTrue(message.contains("absent: not a directory"), message);
        message = fails(root);
        assertTrue(message.contains("expected a directory for each class"), message);
        Files.createDirectory(root.resolve("cat"));
        message = fails(root);
        assertTrue(message.contains("cat: expected pictures of this class"), message);
    }

    private static String fails(Path directory) {
        return assertThrows(IOException.class, () -> new ImageFolder(directory)).getMessage();
    }

    @Test
    void aFileThatIsNoPictureIsNamedWhenItIsRead() throws IOException {
        Path good = write(root.resolve("cat/a.png"), BufferedImage.TYPE_INT_RGB, 0);
        byte[] bytes = Files.readAllBytes(good);
        Files.write(root.resolve("cat/b.png"), Arrays.copyOf(bytes, bytes.length / 2));
        Files.writeString(root.resolve("cat/c.png"), "no picture");
        ImageFolder folder = new ImageFolder(root);
        for (int i = 1; i < 3; i++) {
            int index = i;
            String message =
                    assertThrows(UncheckedIOException.class, () -> folder.image(index))
                            .getMessage();
            assertTrue(message.startsWith(folder.file(i) + ": "), message);
        }
    }
}
