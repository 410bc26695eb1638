package io.github.cortado.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    @Test
    void eachKindOfValueHasItsJavaClass() throws Exception {
        assertEquals("a", Json.parse("\"a\""));
        assertEquals(12L, Json.parse("12"));
        assertEquals(Long.MIN_VALUE, Json.parse("-9223372036854775808"));
        assertEquals(1.0, Json.parse("1.0"));
        assertEquals(-1.25e-3, Json.parse("-1.25E-3"));
        assertEquals(100.0, Json.parse("1e+2"));
        assertEquals(true, Json.parse(" true "));
        assertEquals(false, Json.parse("\t\r\nfalse"));
        assertSame(Json.NULL, Json.parse("null"));
        assertEquals(List.of(1L, List.of(), Map.of()), Json.parse("[1, [ ], { }]"));
        assertEquals(Map.of("a", Map.of("b", 2L)), Json.parse("{\"a\" : {\"b\":2}}"));
    }

    @Test
    void integersBeyondLongAndNegativeZeroAreDoubles() throws Exception {
        assertEquals(0x1p63, Json.parse("9223372036854775808"));
        assertEquals(1e30, Json.parse("1" + "0".repeat(30)));
        assertEquals(-0.0, Json.parse("-0"));
    }

    @Test
    void objectsKeepTheOrderOfTheText() throws Exception {
        Map<?, ?> map = (Map<?, ?>) Json.parse("{\"z\":1,\"a\":2,\"m\":3}");
        assertEquals(List.of("z", "a", "m"), new ArrayList<>(map.keySet()));
    }

    @Test
    void controlCharactersAreWrittenByTheirShortestEscapes() throws Exception {
        String all = "\b\f\n\r\t\u0000\u001f\"\\/\u007f";
        String written = Json.write(all);
        assertEquals("\"\\b\\f\\n\\r\\t\\u0000\\u001f\\\"\\\\/\u007f\"", written);
        assertEquals(all, Json.parse(written));
    }

    @Test
    void escapesAreDecoded() throws Exception {
        assertEquals(
                "\"\\/\b\f\n\r\té\uD83D\uDE00",
                Json.parse("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\uDE00\""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "[",
                "\"",
                "{\"a\"",
                "{\"a\":",
                "{\"a\":1",
                "{\"a\":1,",
                "{\"a\":1,}",
                "{,}",
                "{a:1}",
                "{1:1}",
                "{\"a\" 1}",
                "[1,]",
                "[,1]",
                "[1 2]",
                "[1}",
                "{]",
                "]",
                "1 2",
                "[1] [2]",
                "\"a\"\"b\"",
                "{} x",
                "01",
                "-",
                "+1",
                "1.",
                ".5",
                "1e",
                "1e+",
                "--1",
                "0x1",
                "NaN",
                "Infinity",
                "-Infinity",
                "tru",
                "truE",
                "nul",
                "True",
                "'a'",
                "\"\\x\"",
                "\"\\u12\"",
                "\"\\u12g4\"",
                "\"\\u+123\"",
                "\"\\",
                "\"a\nb\"",
                "\"\u0000\"",
                "\"\\ud800\"",
                "\"\\udc00\"",
                "\"\\ud800x\"",
                "\"\\ud800\\ud800\"",
                "{\"\\udc00\":1}",
                "1e999",
                "-1e999",
                "\uFEFF{}",
                "// x\n1",
                "\u00a01",
                "\u0661"
            })
    void textOutsideTheGrammarIsRefused(String text) {
        JsonException e = assertThrows(JsonException.class, () -> Json.parse(text));
        assertTrue(
                e.getMessage().matches("(?s)JSON: .*\\(line \\d+, column \\d+\\)"), e::getMessage);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"a\":{\"b\":1,\"b\":2}}|"
                        + "Duplicate Object property \"b\" at 'a' > 'b' (line 1, column 16)",
                "[1, x]|"
                        + "Unrecognized token 'x': was expecting (JSON String, Number, Array,"
                        + " Object or token 'null', 'true' or 'false') (line 1, column 5)",
                "[1, NaN]|Non-standard token 'NaN' (line 1, column 8)",
                "{\"k\":[1 2]}|"
                        + "Unexpected character ('2' (code 50)): was expecting comma to separate"
                        + " Array entries at 'k' (line 1, column 9)",
                "{\"k\": [1}|"
                        + "Unexpected close marker '}': expected ']' at 'k' (line 1, column 9)",
                "[1|"
                        + "Unexpected end-of-input: expected close marker for Array"
                        + " (line 1, column 3)",
                "\"\\q\"|Unrecognized character escape 'q' (code 113) (line 1, column 3)",
                "1e400|number is beyond the range of double (line 1, column 1)",
                "[\"\\ud800\"]|string has an unpaired surrogate (line 1, column 2)",
                "[1] [2]|text goes on after the value, expected its end (line 1, column 5)",
                "\"\" x|text goes on after the value, expected its end (line 1, column 4)",
            })
    void mistakesAreNamedWithTheirPlace(String text, String message) {
        JsonException e = assertThrows(JsonException.class, () -> Json.parse(text));
        assertEquals("JSON: " + message, e.getMessage());
    }

    @Test
    void halvesOfSurrogatePairsAreRefusedWhereverTheyStand() {
        for (String half : List.of("\ud83d", "\ude00", "\\ud83d", "\\uDE00")) {
            for (String text :
                    List.of("[\"a%sb\"]", "{\"a%sb\":1}", "{\"k\":\"%s\"}", "[{\"%s\":1}]")) {
                JsonException e =
                        assertThrows(
                                JsonException.class, () -> Json.parse(text.replace("%s", half)));
                // Of some in keys Jackson says, "Broken surrogate pair".
                assertTrue(e.getMessage().contains("surrogate"), e::getMessage);
            }
        }
    }

    @Test
    void placesAreThoseOfTheLine() {
        JsonException e =
                assertThrows(JsonException.class, () -> Json.parse("[1,\r\n  2,\n  \u00e9]"));
        assertTrue(e.getMessage().endsWith("(line 3, column 3)"), e::getMessage);
    }

    @Test
    void aMessageDoesNotRepeatAMegabyte() {
        String key = "\"" + "k".repeat(1 << 20) + "\"";
        for (String text :
                List.of("x".repeat(1 << 20), "{" + key + ":1," + key + ":2}", "{" + key + ":[}}")) {
            JsonException e = assertThrows(JsonException.class, () -> Json.parse(text));
            assertTrue(e.getMessage().length() < 600, e::getMessage);
        }
    }

    @Test
    void keysAndNumbersMayBeLong() throws Exception {
        String key = "k".repeat(1_000_000);
        assertEquals(Map.of(key, 1L), Json.parse("{\"" + key + "\":1}"));
        assertEquals(0.0, Json.parse("0." + "0".repeat(1_000_000)));
    }

    @Test
    void escapedKeysThatAreEqualAreDuplicates() {
        assertThrows(JsonException.class, () -> Json.parse("{\"a\":1,\"\\u0061\":2}"));
    }

    @Test
    void depthIsLimitedTo64AndDoesNotOverflowTheStack() throws Exception {
        Json.parse("[".repeat(64) + "]".repeat(64));
        for (String open : List.of("[", "{\"a\":")) {
            JsonException e =
                    assertThrows(JsonException.class, () -> Json.parse(open.repeat(1_000_000)));
            assertTrue(e.getMessage().contains("nested deeper than 64"), e::getMessage);
        }
    }

    @Test
    void writtenTextIsCompactAndEscaped() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("a\"\\\n\u0001é", List.of(1, 2L, (short) 3, (byte) 4));
        map.put("b", List.of(0.1, 0.1f, 1e-5, true, Json.NULL, Map.of()));
        assertEquals(
                "{\"a\\\"\\\\\\n\\u0001é\":[1,2,3,4],\"b\":[0.1,0.1,1.0E-5,true,null,{}]}",
                Json.write(map));
    }

    @Test
    void indentedTextKeepsPlainArraysOnOneLine() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("x", List.of(1, 2));
        map.put("y", List.of(Map.of("z", List.of())));
        map.put("e", Map.of());
        assertEquals(
                """
                {
                  "x": [1, 2],
                  "y": [
                    {
                      "z": []
                    }
                  ],
                  "e": {}
                }""",
                Json.writeIndented(map));
    }

    @Test
    void whatIsWrittenReadsBackEqual() throws Exception {
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 500; i++) {
            Object value = randomValue(random, 4);
            assertEquals(value, Json.parse(Json.write(value)));
            assertEquals(value, Json.parse(Json.writeIndented(value)));
        }
    }

    @Test
    void valuesWithoutJsonAreRefused() {
        Map<String, Object> cycle = new LinkedHashMap<>();
        cycle.put("self", List.of(cycle));
        List<Object> bad =
                List.of(Double.NaN, Float.POSITIVE_INFINITY, BigInteger.ONE, 'c', new int[1]);
        for (Object value : bad) {
            assertThrows(IllegalArgumentException.class, () -> Json.write(value));
        }
        assertThrows(IllegalArgumentException.class, () -> Json.write(Map.of(1, 2)));
        assertThrows(IllegalArgumentException.class, () -> Json.write("\ud800"));
        assertThrows(IllegalArgumentException.class, () -> Json.write("\udc00a"));
        assertThrows(IllegalArgumentException.class, () -> Json.write(cycle));
    }

    @Test
    void savedFilesLoadAndErrorsNameThem(@TempDir Path dir) throws Exception {
        Path file = dir.resolve("history.json");
        Json.save(file, Map.of("loss", List.of(0.5, 0.25), "name", "é\uD83D\uDE00"));
        Json.save(file, Map.of("loss", List.of(0.5), "name", "é\uD83D\uDE00"));
        assertEquals(Map.of("loss", List.of(0.5), "name", "é\uD83D\uDE00"), Json.load(file));

        Files.write(file, "\"ab\u00e9\"".getBytes(StandardCharsets.ISO_8859_1));
        JsonException e = assertThrows(JsonException.class, () -> Json.load(file));
        assertEquals(file + ": JSON: byte 0xe9 at offset 3 is not valid UTF-8", e.getMessage());
    }

    private static Object randomValue(SplittableRandom random, int depth) {
        return switch (random.nextInt(depth > 0 ? 7 : 5)) {
            case 0 -> random.nextLong();
            case 1 -> {
                double d = Double.longBitsToDouble(random.nextLong());
                yield Double.isFinite(d) ? d : 0.5;
            }
            case 2 -> random.nextBoolean();
            case 3 -> Json.NULL;
            case 4 ->
                    random.ints(random.nextInt(6), 0, 0xd800)
                            .collect(
                                    StringBuilder::new,
                                    StringBuilder::appendCodePoint,
                                    (a, b) -> {})
                            .toString();
            case 5 -> {
                List<Object> list = new ArrayList<>();
                for (int i = random.nextInt(4); i > 0; i--) {
                    list.add(randomValue(random, depth - 1));
                }
                yield list;
            }
            default -> {
                Map<String, Object> map = new LinkedHashMap<>();
                for (int i = random.nextInt(4); i > 0; i--) {
                    map.put("k" + random.nextInt(100), randomValue(random, depth - 1));
                }
                yield map;
            }
        };
    }
}
