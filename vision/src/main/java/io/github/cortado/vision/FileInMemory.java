package io.github.cortado.vision;

import java.util.Objects;
import javax.imageio.stream.ImageInputStreamImpl;

/**
 * A file's bytes as decoders want them. ImageIO's own streams write them to a temporary file, or do
 * not say how many there are, by which decoders tell lengths that cannot be true.
 */
final class FileInMemory extends ImageInputStreamImpl {
    private final byte[] file;
    private long furthest;

    FileInMemory(byte[] file) {
        this.file = file;
    }

    @Override
    public int read() {
        bitOffset = 0;
        if (streamPos >= file.length) {
            return -1;
        }
        int value = file[(int) streamPos++] & 0xff;
        furthest = Math.max(furthest, streamPos);
        return value;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, into.length);
        bitOffset = 0;
        if (length == 0) {
            return 0;
        }
        if (streamPos >= file.length) {
            return -1;
        }
        int n = (int) Math.min(length, file.length - streamPos);
        System.arraycopy(file, (int) streamPos, into, offset, n);
        streamPos += n;
        furthest = Math.max(furthest, streamPos);
        return n;
    }

    /** Returns the number of bytes up to the last one that was read. */
    long furthest() {
        return furthest;
    }

    @Override
    public long length() {
        return file.length;
    }
}
