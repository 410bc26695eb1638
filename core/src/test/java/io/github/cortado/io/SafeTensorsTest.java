package io.github.cortado.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.DType;
import io.github.cortado.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafeTensorsTest {
    @TempDir Path dir;

    @Test
    void everyDtypeComesBackBitForBit() throws Exception {
        Map<String, Tensor> saved = sample();
        SafeTensors.save(file(), saved, Map.of("format", "pt", "né\"w\n", "\uD83D\uDE00"));
        Map<String, Tensor> loaded = SafeTensors.load(file());

        assertEquals(new ArrayList<>(saved.keySet()), new ArrayList<>(loaded.keySet()));
        for (String name : saved.keySet()) {
            assertEquals(saved.get(name).dtype(), loaded.get(name).dtype(), name);
            assertEquals(saved.get(name).shape(), loaded.get(name).shape(), name);
        }
        assertArrayEquals(bits(saved.get("f32").toFloats()), bits(loaded.get("f32").toFloats()));
        assertArrayEquals(bits(saved.get("f64").toDoubles()), bits(loaded.get("f64").toDoubles()));
        assertArrayEquals(saved.get("i64").toLongs(), loaded.get("i64").toLongs());
        assertArrayEquals(saved.get("i32").toInts(), loaded.get("i32").toInts());
        assertArrayEquals(saved.get("u8").toBytes(), loaded.get("u8").toBytes());
        assertEquals(2.5f, loaded.get("scalar").toFloats()[0]);
        assertEquals(
                Map.of("format", "pt", "né\"w\n", "\uD83D\uDE00"), SafeTensors.metadata(file()));
    }

    @Test
    void tensorsLongerThanOneChunkKeepEveryValue() throws Exception {
        SplittableRandom random = new SplittableRandom(1);
        float[] x = new float[(1 << 17) + 3];
        long[] y = new long[(1 << 15) + 1];
        for (int i = 0; i < x.length; i++) {
            x[i] = Float.intBitsToFloat(random.nextInt(0x7f800000));
        }
        for (int i = 0; i < y.length; i++) {
            y[i] = random.nextLong();
        }
        Map<String, Tensor> saved = new LinkedHashMap<>();
        saved.put("x", Tensor.of(x));
        saved.put("y", Tensor.of(y));
        SafeTensors.save(file(), saved);
        Map<String, Tensor> loaded = SafeTensors.load(file());
        assertArrayEquals(bits(x), bits(loaded.get("x").toFloats()));
        assertArrayEquals(y, loaded.get("y").toLongs());
    }

    @Test
    void theBytesWrittenAreThoseOfTheFormat() throws Exception {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("b", Tensor.of(new byte[] {1, 2, 3}, 3));
        tensors.put("a", Tensor.of(new float[] {1, -2}, 1, 2));
        SafeTensors.save(file(), tensors, Map.of("k", "v"));

        ByteBuffer bytes =
                ByteBuffer.wrap(Files.readAllBytes(file())).order(ByteOrder.LITTLE_ENDIAN);
        long length = bytes.getLong();
        byte[] header = new byte[(int) length];
        bytes.get(header);
        assertEquals(0, length % 8);
        // The map's order in the header, the wider type first in the data.
        assertEquals(
                "{\"__metadata__\":{\"k\":\"v\"},"
                        + "\"b\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[8,11]},"
                        + "\"a\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[0,8]}}",
                new String(header, StandardCharsets.UTF_8).stripTrailing());
        byte[] data = new byte[bytes.remaining()];
        bytes.get(data);
        assertEquals("0000803f000000c0010203", HexFormat.of().formatHex(data));
    }

    @Test
    void equalMapsGiveEqualFiles() throws Exception {
        SafeTensors.save(file(), sample(), Map.of("seed", "0"));
        byte[] first = Files.readAllBytes(file());
        SafeTensors.save(file(), sample(), Map.of("seed", "0"));
        assertArrayEquals(first, Files.readAllBytes(file()));
    }

    @Test
    void anEmptyMapMakesAValidFile() throws Exception {
        SafeTensors.save(file(), Map.of());
        assertTrue(SafeTensors.load(file()).isEmpty());
        assertTrue(SafeTensors.metadata(file()).isEmpty());
    }

    @Test
    void dataMayStandInAnotherOrderThanTheHeader() throws Exception {
        raw(
                "{\"z\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[2,3]},"
                        + "\"e\":{\"dtype\":\"F32\",\"shape\":[2,0],\"data_offsets\":[2,2]},"
                        + "\"a\":{\"shape\":[2],\"data_offsets\":[0,2],\"dtype\":\"U8\"}}   ",
                "010203");
        Map<String, Tensor> loaded = SafeTensors.load(file());
        assertEquals(List.of("z", "e", "a"), new ArrayList<>(loaded.keySet()));
        assertArrayEquals(new byte[] {3}, loaded.get("z").toBytes());
        assertArrayEquals(new byte[] {1, 2}, loaded.get("a").toBytes());
        assertEquals(0, loaded.get("e").size());
    }

    @Test
    void sixteenBitFloatsAreWidened() throws Exception {
        raw(
                "{\"h\":{\"dtype\":\"F16\",\"shape\":[4],\"data_offsets\":[0,8]},"
                        + "\"b\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[8,12]}}",
                "003c" + "0100" + "00fc" + "ff7b" + "4940" + "80ff");
        Map<String, Tensor> loaded = SafeTensors.load(file());
        assertEquals(DType.FLOAT32, loaded.get("h").dtype());
        assertArrayEquals(
                new float[] {1, 0x1p-24f, Float.NEGATIVE_INFINITY, 65504},
                loaded.get("h").toFloats());
        assertArrayEquals(
                new float[] {3.140625f, Float.NEGATIVE_INFINITY}, loaded.get("b").toFloats());
    }

    @Test
    void aFailedSaveKeepsTheOldFileAndLeavesNothingBehind() throws Exception {
        SafeTensors.save(file(), sample());
        byte[] before = Files.readAllBytes(file());
        Map<String, Tensor> reserved = Map.of("__metadata__", Tensor.of(new float[] {1}));
        assertThrows(IllegalArgumentException.class, () -> SafeTensors.save(file(), reserved));
        assertThrows(
                IOException.class,
                () ->
                        AtomicFile.write(
                                file(),
                                channel -> {
                                    AtomicFile.writeFully(channel, ByteBuffer.wrap(new byte[9]));
                                    throw new IOException("disk full");
                                }));
        assertArrayEquals(before, Files.readAllBytes(file()));
        try (Stream<Path> files = Files.list(dir)) {
            assertEquals(List.of(file()), files.toList());
        }
    }

    @Test
    void aMissingFileAndAMissingDirectoryAreNamed() {
        Path missing = dir.resolve("no").resolve("model.safetensors");
        NoSuchFileException load =
                assertThrows(NoSuchFileException.class, () -> SafeTensors.load(missing));
        assertTrue(load.getMessage().contains(missing.toString()), load::getMessage);
        NoSuchFileException save =
                assertThrows(NoSuchFileException.class, () -> SafeTensors.save(missing, sample()));
        assertEquals(
                missing + ": cannot be written, its directory does not exist", save.getMessage());
    }

    private static Map<String, Tensor> sample() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("u8", Tensor.of(new byte[] {0, 127, -128, -1, 5}, 5));
        tensors.put(
                "f32",
                Tensor.of(
                        new float[] {
                            -0f, Float.MIN_VALUE, Float.NaN, Float.NEGATIVE_INFINITY, 1 / 3f, 7
                        },
                        1,
                        2,
                        3));
        tensors.put("scalar", Tensor.scalar(2.5f));
        tensors.put("f64", Tensor.of(new double[] {Math.PI, -0.0, Double.MIN_VALUE}, 3, 1));
        tensors.put("é \"\\\n\uD83D\uDE00", Tensor.of(new int[] {1}, 1));
        tensors.put("i64", Tensor.of(new long[] {Long.MIN_VALUE, Long.MAX_VALUE}, 2));
        tensors.put("i32", Tensor.of(new int[] {Integer.MIN_VALUE, Integer.MAX_VALUE}, 2));
        return tensors;
    }

    private static int[] bits(float[] x) {
        int[] bits = new int[x.length];
        for (int i = 0; i < x.length; i++) {
            bits[i] = Float.floatToRawIntBits(x[i]);
        }
        return bits;
    }

    private static long[] bits(double[] x) {
        long[] bits = new long[x.length];
        for (int i = 0; i < x.length; i++) {
            bits[i] = Double.doubleToRawLongBits(x[i]);
        }
        return bits;
    }

    private Path file() {
        return dir.resolve("model.safetensors");
    }

    private void raw(String header, String hexData) throws IOException {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        byte[] data = HexFormat.of().parseHex(hexData);
        ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + data.length);
        bytes.order(ByteOrder.LITTLE_ENDIAN).putLong(json.length).put(json).put(data);
        Files.write(file(), bytes.array());
    }
}
