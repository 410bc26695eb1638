package io.github.cortado.example.cifar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.github.cortado.data.Image;
import io.github.cortado.io.SafeTensors;
import io.github.cortado.random.Seed;
import io.github.cortado.vision.Cifar10;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ClassifyTest {
    /** 8x8, all red 200, green 100, blue 40, as ImageMagick writes it in YCCK. */
    private static final String YCCK =
            "/9j/7gAOQWRvYmUAZAAAAAAC/9sAQwACAQEBAQECAQEBAgICAgIEAwICAgIFBAQDBAYFBgYGBQYGBgcJCAYHCQcG"
                    + "BggLCAkKCgoKCgYICwwLCgwJCgoK/9sAQwECAgICAgIFAwMFCgcGBwoKCgoKCgoKCgoKCgoKCgoKCgoK"
                    + "CgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoK/8AAFAgACAAIBAERAAIRAQMRAQQRAP/EABUAAQEA"
                    + "AAAAAAAAAAAAAAAAAAcJ/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/EABUBAQEAAAAAAAAAAAAAAAAAAAgJ"
                    + "/8QAFBEBAAAAAAAAAAAAAAAAAAAAAP/aAA4EAQACEQMRBAAAPwAHPBOdSB//2Q==";

    @TempDir private static Path directory;
    private static Path model;
    private static HttpServer server;

    @BeforeAll
    static void begin() throws IOException {
        Seed.manualSeed(1);
        model = directory.resolve("model.safetensors");
        SafeTensors.save(model, new LeNet().stateDict());
        byte[] png = png(picture(228, 180, BufferedImage.TYPE_INT_RGB));
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        answer("/picture.png", 200, png);
        answer("/missing.png", 404, "no such picture".getBytes(StandardCharsets.UTF_8));
        answer("/page.html", 200, "<html></html>".getBytes(StandardCharsets.UTF_8));
        answer("/huge.png", 200, new byte[(50 << 20) + 1]);
        server.start();
    }

    @AfterAll
    static void end() {
        server.stop(0);
    }

    private static void answer(String path, int status, byte[] body) {
        server.createContext(
                path,
                exchange -> {
                    exchange.sendResponseHeaders(status, body.length);
                    try (var out = exchange.getResponseBody()) {
                        out.write(body);
                    } catch (IOException e) {
                        // A client that has read enough hangs up.
                        exchange.close();
                    }
                });
    }

    private static String url(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    private static BufferedImage picture(int width, int height, int type) {
        BufferedImage image = new BufferedImage(width, height, type);
        Graphics2D g = image.createGraphics();
        g.setColor(new Color(200, 100, 40));
        g.fillRect(0, 0, width, height);
        g.setColor(new Color(20, 60, 220));
        g.fillOval(width / 4, height / 4, width / 2, height / 2);
        g.dispose();
        return image;
    }

    private static byte[] png(BufferedImage image) throws IOException {
        return Canvas.png(image);
    }

    private static Ran classify(String place, Path out) {
        return Ran.run("classify", place, "--model", model.toString(), "--out", out.toString());
    }

    private static void assertFails(String place, String explanation) {
        Ran ran = classify(place, directory);
        assertEquals(1, ran.exitCode());
        assertEquals(1, ran.err().size(), ran.err()::toString);
        assertTrue(ran.err().get(0).startsWith("error: " + place), ran.err()::toString);
        assertTrue(ran.err().get(0).contains(explanation), ran.err()::toString);
    }

    @Test
    void aPictureFromTheWebGetsAClassProbabilitiesAndAPicture() throws IOException {
        Ran.assumeFonts();
        Path out = directory.resolve("web");
        Ran ran = classify(url("/picture.png"), out);
        assertEquals(0, ran.exitCode(), ran.err()::toString);
        assertEquals("Using device 'cpu'.", ran.out().get(0));
        String found = ran.out().get(1).replaceFirst(".* \\(228 x 180\\) is classified as: ", "");
        assertTrue(Cifar10.CLASSES.contains(found), ran.out().get(1));
        double sum = 0;
        double before = 100;
        List<String> names = new ArrayList<>();
        for (String line : ran.out().subList(2, 12)) {
            assertTrue(line.matches("  \\w+ +\\d{1,3}\\.\\d %"), line);
            String[] words = line.strip().split(" +");
            names.add(words[0]);
            double percent = Double.parseDouble(words[1]);
            assertTrue(percent <= before, "in falling order");
            before = percent;
            sum += percent;
        }
        assertEquals(found, names.get(0));
        assertEquals(100, sum, 0.6);
        BufferedImage drawn = ImageIO.read(out.resolve("classification.png").toFile());
        assertEquals(new Color(200, 100, 40).getRGB(), drawn.getRGB(30, 100), "the original");
        assertEquals(new Color(200, 100, 40).getRGB(), drawn.getRGB(380, 65), "the small one");
    }

    @Test
    void whatCannotBeHadIsExplainedInOneLine() throws IOException {
        assertFails(url("/missing.png"), "the server answered 404");
        assertFails(url("/page.html"), "not a picture");
        assertFails(url("/huge.png"), "more than 50 MB");
        assertFails("http://127.0.0.1:1/picture.png", "no connection");
        assertFails("http://", "not a URL");
        assertFails(directory.resolve("none.png").toString(), "there is no such file");
        assertFails(directory.toString(), "not a file");
        Path text = Files.writeString(directory.resolve("text.png"), "not a picture at all");
        assertFails(text.toString(), "not a picture");
        byte[] png = png(picture(60, 40, BufferedImage.TYPE_INT_RGB));
        Path torn = Files.write(directory.resolve("torn.png"), java.util.Arrays.copyOf(png, 80));
        assertFails(torn.toString(), "");
    }

    @Test
    void transparencyIsDroppedAndGreyBecomesThreeChannels() throws IOException {
        Image clear = read("alpha.png", png(picture(5, 900, BufferedImage.TYPE_INT_ARGB)));
        assertPixel(clear, 200, 100, 40, 0);
        assertEquals(900, clear.height());
        BufferedImage grey = new BufferedImage(4, 4, BufferedImage.TYPE_BYTE_GRAY);
        grey.getRaster().setSample(0, 0, 0, 77);
        assertPixel(read("grey.png", png(grey)), 77, 77, 77, 0);
    }

    @Test
    void picturesInFourInksBecomeRedGreenAndBlue() throws IOException {
        assertPixel(read("ycck.jpg", Base64.getDecoder().decode(YCCK)), 200, 100, 40, 2);
        WritableRaster inks =
                Raster.createInterleavedRaster(java.awt.image.DataBuffer.TYPE_BYTE, 8, 8, 4, null);
        for (int i = 0; i < 64; i++) {
            inks.setPixel(i % 8, i / 8, new int[] {255, 127, 51, 200});
        }
        // As in nearly all such files, 255 is no ink; r = 255 x 200 / 255, g = 127 x 200 / 255
        // and b = 51 x 200 / 255
        assertPixel(read("cmyk.jpg", jpeg(inks)), 200, 100, 40, 3);
    }

    @Test
    void filesOfEveryKindAreClassifiedOrRefusedInOneLine() throws IOException {
        classifyOneOf(5);
    }

    @Test
    @Tag("thorough")
    void allFilesAreClassifiedOrRefusedInOneLine() throws IOException {
        classifyOneOf(1);
    }

    /** Those of vision's tests, some whole, some damaged; the odd ones at the end in any case. */
    private static void classifyOneOf(int n) throws IOException {
        Path pictures =
                Path.of(System.getProperty("cortado.root", ".."))
                        .resolve("vision/src/test/resources/pillow");
        int classified = 0;
        int refused = 0;
        List<Path> files;
        try (Stream<Path> all = Files.list(pictures)) {
            files =
                    all.filter(file -> !file.toString().matches(".*(json|safetensors)"))
                            .sorted()
                            .toList();
        }
        for (int i = 0; i < files.size(); i++) {
            Path file = files.get(i);
            if (i % n != 0 && !file.toString().contains("-of-")) {
                continue;
            }
            Ran ran = classify(file.toString(), directory.resolve("all"));
            if (ran.exitCode() == 0) {
                classified++;
            } else {
                refused++;
                assertEquals(1, ran.exitCode(), file + ": " + ran.err());
                assertEquals(1, ran.err().size(), file + ": " + ran.err());
                assertTrue(
                        ran.err().get(0).startsWith("error: " + file + ": "), ran.err()::toString);
            }
        }
        System.out.println(
                classified + " pictures classified, " + refused + " refused in one line");
        assertTrue(classified > 90 / n && refused > 40 / n, classified + " classified, " + refused);
    }

    private static Image read(String name, byte[] bytes) throws IOException {
        return PictureFile.read(Files.write(directory.resolve(name), bytes).toString());
    }

    private static byte[] jpeg(Raster raster) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            writer.setOutput(out);
            writer.write(null, new IIOImage(raster, null, null), null);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }

    private static void assertPixel(Image image, int r, int g, int b, int tolerance) {
        assertEquals(r, image.get(0, 0, 0), tolerance);
        assertEquals(g, image.get(1, 0, 0), tolerance);
        assertEquals(b, image.get(2, 0, 0), tolerance);
    }
}
