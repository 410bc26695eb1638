package io.github.cortado.vision;

import io.github.cortado.data.Image;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** Reads PNG, JPEG and the other formats of {@code javax.imageio} into pictures. */
public final class ImageFiles {
    private ImageFiles() {}

    /**
     * Reads a file.
     *
     * @throws IOException naming the file where it is absent, no picture or damaged
     */
    public static Image read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return read(in, file.toString());
        }
    }

    /**
     * Reads a stream to the end of the picture.
     *
     * @param name for the message where it fails
     * @throws IOException where the stream holds no picture or a damaged one
     */
    public static Image read(InputStream in, String name) throws IOException {
        BufferedImage decoded;
        try {
            decoded = ImageIO.read(in);
        } catch (IOException | RuntimeException e) {
            // Decoders answer damaged data with IndexOutOfBounds and the like as well.
            throw new IOException(name + ": the picture cannot be read: " + e, e);
        }
        if (decoded == null) {
            throw new IOException(name + ": not a picture that Java reads, such as PNG or JPEG");
        }
        return of(decoded);
    }

    /** Converts a decoded picture; transparency is dropped, grey becomes three equal channels. */
    public static Image of(BufferedImage decoded) {
        int height = decoded.getHeight();
        int width = decoded.getWidth();
        Image image = new Image(height, width);
        byte[] pixels = image.pixels();
        int plane = image.plane();
        ColorModel model = decoded.getColorModel();
        // getRGB takes grey to be linear light and would brighten it.
        boolean grey = model.getNumColorComponents() == 1;
        int drop = Math.max(0, model.getComponentSize(0) - 8);
        Raster raster = decoded.getRaster();
        for (int y = 0, i = 0; y < height; y++) {
            for (int x = 0; x < width; x++, i++) {
                int rgb =
                        grey
                                ? (raster.getSample(x, y, 0) >> drop) * 0x010101
                                : decoded.getRGB(x, y);
                pixels[i] = (byte) (rgb >> 16);
                pixels[i + plane] = (byte) (rgb >> 8);
                pixels[i + 2 * plane] = (byte) rgb;
            }
        }
        return image;
    }
}
