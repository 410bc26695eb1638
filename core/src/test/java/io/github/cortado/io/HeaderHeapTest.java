package io.github.cortado.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.JavaProgram;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Long headers, in a virtual machine of its own with a heap of 256 MiB. Run once. */
@Tag("vector-only")
class HeaderHeapTest {
    private static final int BYTES = 8_000_000;

    @TempDir Path dir;

    @Test
    void eightMegabytesOfAnyHeaderFitIntoASmallHeap() throws Exception {
        Process java =
                JavaProgram.plain(Program.class, List.of("-Xmx256m"), dir.toString())
                        .redirectErrorStream(true)
                        .start();
        try (BufferedReader lines = java.inputReader()) {
            assertEquals(
                    List.of(
                            "empty objects: tensor 'a': entry is ",
                            "empty arrays: tensor 'a': entry is [",
                            "objects as shapes: tensor 'a': shape",
                            "zeros as a shape: tensor 'a': shape ",
                            "short strings: read strings",
                            "empty tensors: read"),
                    lines.lines().map(line -> line.replaceAll("(?<=^.{36}).*", "")).toList());
        }
        assertTrue(java.waitFor() == 0);
    }

    /** Makes the headers and reads them. */
    static final class Program {
        public static void main(String[] args) throws IOException {
            Map<String, String> headers = new LinkedHashMap<>();
            headers.put("empty objects", repeated("{\"a\":[", i -> "{},", "{}]}"));
            headers.put("empty arrays", repeated("{\"a\":[", i -> "[],", "[]]}"));
            headers.put("objects as shapes", repeated("{\"a\":{\"shape\":[", i -> "{},", "{}]}}"));
            headers.put("zeros as a shape", repeated("{\"a\":{\"shape\":[", i -> "0,", "0]}}"));
            headers.put(
                    "short strings",
                    repeated(
                            "{\"__metadata__\":{",
                            i -> "\"" + Integer.toString(i, 36) + "\":\"\",",
                            "\"\":\"\"}}"));
            headers.put(
                    "empty tensors",
                    repeated(
                            "{",
                            i ->
                                    "\""
                                            + Integer.toString(i, 36)
                                            + "\":{\"dtype\":\"U8\",\"shape\":[0],"
                                            + "\"data_offsets\":[0,0]},",
                            "\"\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}"));
            Path file = Path.of(args[0], "m.safetensors");
            for (Map.Entry<String, String> header : headers.entrySet()) {
                byte[] json = header.getValue().getBytes(StandardCharsets.US_ASCII);
                header.setValue("");
                ByteBuffer bytes =
                        ByteBuffer.allocate(8 + json.length).order(ByteOrder.LITTLE_ENDIAN);
                Files.write(file, bytes.putLong(json.length).put(json).array());
                String outcome;
                try {
                    outcome = SafeTensors.metadata(file).isEmpty() ? "read" : "read strings";
                } catch (SafeTensorsException e) {
                    outcome = e.getMessage().substring(file.toString().length() + 2);
                } catch (OutOfMemoryError e) {
                    outcome = e.toString();
                }
                System.out.println(header.getKey() + ": " + outcome);
            }
        }

        private static String repeated(String before, IntFunction<String> part, String after) {
            StringBuilder out = new StringBuilder(BYTES).append(before);
            for (int i = 0; out.length() + after.length() + 70 < BYTES; i++) {
                out.append(part.apply(i));
            }
            return out.append(after).toString();
        }

        private Program() {}
    }
}
