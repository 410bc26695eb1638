package io.github.cortado.vision;

import io.github.cortado.data.Image;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads picture files: PNG, JPEG, WebP, GIF, BMP and TIFF.
 *
 * <p>The pixels are those of Pillow's {@code Image.open(file).convert("RGB")}, which torchvision's
 * loader calls: the same bytes. Colour profiles and EXIF orientation are not looked at,
 * transparency is dropped, grey becomes three equal channels, of several pictures the first is
 * read. What cannot be read so, and what is damaged or ends early, is an exception; not noticed is,
 * by no decoder, a changed byte that leaves a JPEG or WebP to be understood as another picture.
 */
public final class ImageFiles {
    /** The most pixels that a file may have, 178,956,970: beyond it Pillow fears an attack. */
    public static final long MAX_PIXELS = 2L * ((1 << 30) / 4 / 3);

    /** More than any picture of that many pixels takes. */
    private static final int MAX_BYTES = 1 << 30;

    private ImageFiles() {}

    /**
     * Reads a file.
     *
     * @throws IOException naming the file where it is absent, no picture, damaged, or too large
     */
    public static Image read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return read(in, file.toString());
        }
    }

    /**
     * Reads a stream to its end.
     *
     * @param name for the message where it fails
     * @throws IOException beginning with the name where the stream holds no picture, a damaged one,
     *     or one too large
     */
    public static Image read(InputStream in, String name) throws IOException {
        try {
            byte[] file = in.readNBytes(MAX_BYTES);
            if (file.length == MAX_BYTES) {
                throw new IOException("1 GiB or more, too large for a picture");
            }
            return PictureDecoder.decode(file);
        } catch (OutOfMemoryError e) {
            throw new IOException(name + ": the file does not fit into the heap; -Xmx sets it", e);
        } catch (IOException e) {
            throw new IOException(name + ": " + e.getMessage(), e);
        }
    }

    /**
     * Converts a decoded picture; transparency is dropped, grey becomes three equal channels, of
     * values with more than eight bits the upper eight are taken, and a colour profile is not
     * looked at.
     */
    public static Image of(BufferedImage decoded) {
        return PictureColours.of(decoded);
    }
}
