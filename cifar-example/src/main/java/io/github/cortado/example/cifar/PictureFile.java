package io.github.cortado.example.cifar;

import io.github.cortado.data.Image;
import io.github.cortado.vision.Download;
import io.github.cortado.vision.ImageFiles;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;

/**
 * A picture from outside: a file or an http(s) URL, of any size, in any format that {@link
 * ImageFiles} reads, in RGB, grey, with transparency (which is dropped) or in CMYK. A camera's note
 * that it was held sideways (EXIF orientation) is not looked at.
 */
final class PictureFile {
    private static final int MAX_BYTES = 50 << 20;

    private PictureFile() {}

    /**
     * Reads a picture.
     *
     * @param place a path, or a URL that begins with http:// or https://
     * @throws UserErrorException saying what is wrong with it
     */
    static Image read(String place) {
        String lower = place.toLowerCase(Locale.ROOT);
        try {
            boolean web = lower.startsWith("http://") || lower.startsWith("https://");
            byte[] bytes = web ? download(place) : load(place);
            return ImageFiles.read(new ByteArrayInputStream(bytes), place);
        } catch (IOException e) {
            String reason = Reason.of(e);
            throw UserErrorException.failed(
                    "%s", reason.startsWith(place + ":") ? reason : place + ": " + reason);
        }
    }

    private static byte[] load(String place) throws IOException {
        Path file;
        try {
            file = Path.of(place);
        } catch (InvalidPathException e) {
            throw UserErrorException.failed("%s: neither a path nor an http(s) URL", place);
        }
        if (!Files.exists(file)) {
            throw UserErrorException.failed("%s: there is no such file", place);
        }
        if (!Files.isRegularFile(file)) {
            throw UserErrorException.failed("%s: not a file", place);
        }
        try (InputStream in = Files.newInputStream(file)) {
            return limited(in, place);
        }
    }

    private static byte[] download(String place) throws IOException {
        try {
            return Download.bytes(URI.create(place), MAX_BYTES);
        } catch (IllegalArgumentException e) {
            throw UserErrorException.failed("%s: not a URL (%s)", place, e.getMessage());
        }
    }

    private static byte[] limited(InputStream in, String place) throws IOException {
        byte[] bytes = in.readNBytes(MAX_BYTES + 1);
        if (bytes.length > MAX_BYTES) {
            throw UserErrorException.failed(
                    "%s: more than %d MB, too large for a picture here", place, MAX_BYTES >> 20);
        }
        return bytes;
    }
}
