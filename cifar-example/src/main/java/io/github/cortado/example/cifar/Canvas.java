package io.github.cortado.example.cifar;

import io.github.cortado.data.Image;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** A white picture to draw on, with the few things that all drawings here share. */
final class Canvas {
    static final Color INK = new Color(0x1f2328);
    static final Color FAINT = new Color(0x656d76);
    static final Color RIGHT = new Color(0x1a7f37);
    static final Color WRONG = new Color(0xcf222e);

    private final BufferedImage image;
    private final Graphics2D g;

    Canvas(int width, int height) {
        image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        g = image.createGraphics();
        g.setRenderingHint(
                RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        g.setColor(Color.WHITE);
        g.fillRect(0, 0, width, height);
    }

    /**
     * Why text cannot be drawn on this machine, if so: Java needs a font library and at least one
     * font of the system's.
     */
    static Optional<String> whyNoText() {
        try {
            Canvas canvas = new Canvas(8, 8);
            canvas.text("x", 4, 8, font(Font.PLAIN, 8), INK);
            return Optional.empty();
        } catch (OutOfMemoryError | StackOverflowError e) {
            throw e;
        } catch (RuntimeException | Error e) {
            // What is thrown differs by JDK and by what is missing, bare Errors among it; the cure
            // is the same.
            return Optional.of(
                    "no pictures: Java finds no fonts (install fontconfig and fonts-dejavu-core on"
                            + " Debian and Ubuntu, fontconfig and dejavu-sans-fonts on Fedora, and"
                            + " a JDK that is not reduced): "
                            + e);
        }
    }

    static Font font(int style, int size) {
        return new Font(Font.SANS_SERIF, style, size);
    }

    BufferedImage image() {
        return image;
    }

    Graphics2D graphics() {
        return g;
    }

    /** Text centred at x on the baseline y. */
    void text(String text, double x, double y, Font font, Color colour) {
        g.setFont(font);
        g.setColor(colour);
        FontMetrics metrics = g.getFontMetrics();
        g.drawString(text, (float) (x - metrics.stringWidth(text) / 2.0), (float) y);
    }

    /** As {@link #text}, in a smaller font where it would be wider than {@code width}. */
    void fittingText(String text, double x, double y, double width, Font font, Color colour) {
        g.setFont(font);
        int wide = g.getFontMetrics().stringWidth(text);
        float size = font.getSize2D();
        Font fitting = wide <= width ? font : font.deriveFont((float) (size * width / wide));
        text(text, x, y, fitting, colour);
    }

    /** A picture enlarged without smoothing, so that its pixels can be seen. */
    void enlarged(Image picture, int x, int y, int width, int height) {
        g.setRenderingHint(
                RenderingHints.KEY_INTERPOLATION,
                RenderingHints.VALUE_INTERPOLATION_NEAREST_NEIGHBOR);
        g.drawImage(toBufferedImage(picture), x, y, width, height, null);
    }

    /** A picture made to fit smoothly. */
    void smooth(BufferedImage picture, int x, int y, int width, int height) {
        BufferedImage from = picture;
        // Halving in steps: a bilinear filter looks at four pixels and skips the others.
        while (from.getWidth() >= 2 * width && from.getHeight() >= 2 * height) {
            from = scaled(from, from.getWidth() / 2, from.getHeight() / 2);
        }
        g.drawImage(scaled(from, width, height), x, y, null);
    }

    private static BufferedImage scaled(BufferedImage from, int width, int height) {
        BufferedImage to = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = to.createGraphics();
        g.setRenderingHint(
                RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        g.drawImage(from, 0, 0, width, height, null);
        g.dispose();
        return to;
    }

    static BufferedImage toBufferedImage(Image picture) {
        BufferedImage image =
                new BufferedImage(picture.width(), picture.height(), BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < picture.height(); y++) {
            for (int x = 0; x < picture.width(); x++) {
                image.setRGB(
                        x,
                        y,
                        picture.get(0, y, x) << 16
                                | picture.get(1, y, x) << 8
                                | picture.get(2, y, x));
            }
        }
        return image;
    }

    static byte[] png(BufferedImage image) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        // Not ImageIO.write to a stream: its cache on disk registers a shutdown hook, which fails
        // when Ctrl-C has been pressed.
        try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            if (!ImageIO.write(image, "png", out)) {
                throw new IOException("this JDK cannot write PNG");
            }
        }
        return bytes.toByteArray();
    }
}
