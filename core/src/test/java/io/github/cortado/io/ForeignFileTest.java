package io.github.cortado.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people give as safetensors and is something else. */
class ForeignFileTest {
    private static final String CONVERT =
            "; convert it in Python: safetensors.torch.save_file("
                    + "torch.load('FILE', weights_only=True), 'model.safetensors')";

    @TempDir Path dir;

    @Test
    void aZipIsNamedAsPyTorchsFormatWithTheWayToConvertIt() throws Exception {
        zip("model/data.pkl");
        refused("a zip, PyTorch's format" + CONVERT);
        zip("holidays.txt");
        refused("a zip, as PyTorch's format is; if it is PyTorch's" + CONVERT.replace(";", ","));
        zip("x.npy");
        refused(
                "a zip of NumPy arrays; convert it in Python: safetensors.numpy.save_file("
                        + "dict(numpy.load('FILE')), 'model.safetensors')");
    }

    /** What torch.save writes: no version, flags 0x0808, and little of what follows. */
    @Test
    void theBytesOfTheReportAreNoHeaderLength() throws Exception {
        ByteBuffer bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        Files.write(file(), bytes.putLong(578712552184433488L).array());
        refused("a zip, as PyTorch's format is; if it is PyTorch's" + CONVERT.replace(";", ","));
    }

    @Test
    void otherFormatsAreNamedToo() throws Exception {
        Files.write(file(), new byte[] {(byte) 0x80, 2, (byte) 0x8a, 10, 108, -4, -100, 70, -7});
        refused("a pickle, PyTorch's format before version 1.6" + CONVERT);
        Files.write(file(), "\u0089HDF\r\n\u001a\n........".getBytes(StandardCharsets.ISO_8859_1));
        refused("HDF5, Keras's format; save it from Python as safetensors");
        Files.writeString(file(), "GGUF............");
        refused("GGUF, llama.cpp's format; get the model as safetensors");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file()))) {
            out.write(new byte[100]);
        }
        refused("a gzip archive; unpack it first");
        Files.writeString(file(), "version https://git-lfs.github.com/spec/v1\noid sha256:00\n");
        refused("a pointer of Git LFS; `git lfs pull` fetches the file itself");
        Files.writeString(file(), "\n<!DOCTYPE html>\n<html><body>Not found</body></html>");
        refused("a web page; download the file itself");
        Files.writeString(file(), "{\"metadata\": {\"total_size\": 1}, \"weight_map\": {}}");
        refused("JSON text, such as the index of a model in several files; load those");
        Files.write(file(), new byte[0]);
        refused(
                "something else, or cut short: file has 0 bytes, expected at least 8 of header"
                        + " length");
    }

    @Test
    void dataThatTheHeapHasNoRoomForSayHowMuchTheyNeedAndWhatSetsIt() throws Exception {
        long count = Math.min(Integer.MAX_VALUE - 64, Runtime.getRuntime().maxMemory() / 8 + 1);
        String header =
                String.format(
                        Locale.ROOT,
                        "{\"x\":{\"dtype\":\"F64\",\"shape\":[%d],\"data_offsets\":[0,%d]}}",
                        count,
                        8 * count);
        ByteBuffer start = ByteBuffer.allocate(8 + header.length()).order(ByteOrder.LITTLE_ENDIAN);
        start.putLong(header.length()).put(header.getBytes(StandardCharsets.US_ASCII));
        try (RandomAccessFile sparse = new RandomAccessFile(file().toFile(), "rw")) {
            sparse.write(start.array());
            sparse.setLength(start.capacity() + 8 * count);
        }
        HeapTooSmallException e =
                assertThrows(HeapTooSmallException.class, () -> SafeTensors.load(file()));
        String expected =
                String.format(
                        Locale.ROOT,
                        "\\Q%s\\E: its tensors: %d MiB are needed, and the heap has %d MiB in all; java",
                        file(),
                        (8 * count + (1 << 20) - 1) >> 20,
                        Runtime.getRuntime().maxMemory() >> 20);
        assertTrue(
                e.getMessage().matches(expected + " -Xmx[0-9]+m would give it enough"),
                e::getMessage);
    }

    private void zip(String entry) throws Exception {
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file()))) {
            out.putNextEntry(new ZipEntry(entry));
            out.write(new byte[100]);
        }
    }

    private void refused(String kind) {
        SafeTensorsException e =
                assertThrows(SafeTensorsException.class, () -> SafeTensors.load(file()));
        assertEquals(file() + ": not a safetensors file but " + kind, e.getMessage());
    }

    private Path file() {
        return dir.resolve("model.safetensors");
    }
}
