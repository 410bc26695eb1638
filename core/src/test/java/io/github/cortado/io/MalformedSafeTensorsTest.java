package io.github.cortado.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MalformedSafeTensorsTest {
    @TempDir Path dir;

    @Test
    void aFileShorterThanTheLengthFieldIsRefused() throws Exception {
        Files.write(file(), new byte[7]);
        foreign("file has 7 bytes, expected at least 8 of header length");
    }

    @Test
    void aHeaderLengthBeyondTheFileIsRefused() throws Exception {
        write(3, "{}", 0);
        foreign("header length is 3, but only 2 bytes follow it");
    }

    @Test
    void aHeaderLengthThatWouldBeNegativeIsReadAsUnsigned() throws Exception {
        write(-1, "{}", 0);
        foreign("header length is 18446744073709551615, expected at most 100000000");
    }

    @Test
    void aHeaderLengthThatOverflowsWhenEightIsAddedIsRefused() throws Exception {
        write(Long.MAX_VALUE - 3, "{}", 0);
        foreign("header length is 9223372036854775804, expected at most 100000000");
    }

    @Test
    void aHeaderLengthOverTheLimitIsRefusedEvenIfTheFileIsThatLong() throws Exception {
        write(100_000_001, "{}", 0);
        try (RandomAccessFile f = new RandomAccessFile(file().toFile(), "rw")) {
            f.setLength(100_000_100);
        }
        foreign("header length is 100000001, expected at most 100000000");
    }

    @Test
    void aHeaderLengthOfZeroIsRefused() throws Exception {
        write(0, "{}", 0);
        foreign("header length is 0, expected at least 2 (for \"{}\")");
    }

    @Test
    void aHeaderLengthOfOneIsRefused() throws Exception {
        write(1, "{}", 0);
        foreign("header length is 1, expected at least 2 (for \"{}\")");
    }

    @Test
    void aHeaderThatDoesNotBeginWithABraceIsRefused() throws Exception {
        header(" {}", 0);
        foreign("header begins with byte 0x20, expected '{'");
    }

    @Test
    void aHeaderThatIsNotUtf8IsRefused() throws Exception {
        byte[] bytes = "{\"a?\":1}".getBytes(StandardCharsets.US_ASCII);
        bytes[3] = (byte) 0xff;
        write(bytes.length, bytes, 0);
        refused("header is not valid: JSON: byte 0xff at offset 3 is not valid UTF-8");
    }

    @Test
    void overlongUtf8IsRefused() throws Exception {
        byte[] bytes = "{\"??\":1}".getBytes(StandardCharsets.US_ASCII);
        bytes[2] = (byte) 0xc0;
        bytes[3] = (byte) 0x80;
        write(bytes.length, bytes, 0);
        refused("header is not valid: JSON: byte 0xc0 at offset 2 is not valid UTF-8");
    }

    @Test
    void aHeaderThatIsNotJsonIsRefused() throws Exception {
        header("{\"a\" 1}", 0);
        refused(
                "header is not valid: JSON: Unexpected character ('1' (code 49)): was expecting a"
                        + " colon to separate property name and value at 'a' (line 1, column 6)");
    }

    @Test
    void textAfterTheHeaderObjectIsRefused() throws Exception {
        header("{}  x", 0);
        refused(
                "header is not valid: JSON: text goes on after the value, expected its end"
                        + " (line 1, column 5)");
    }

    @Test
    void zeroBytesAsPaddingAreRefused() throws Exception {
        header("{}\0\0", 0);
        refused(
                "header is not valid: JSON: text goes on after the value, expected its end"
                        + " (line 1, column 3)");
    }

    @Test
    void twoTensorsOfOneNameAreRefused() throws Exception {
        header(
                "{\"a\":"
                        + entry("U8", "[1]", "[0,1]")
                        + ",\"a\":"
                        + entry("U8", "[1]", "[1,2]")
                        + "}",
                2);
        refused(
                "header is not valid: JSON: Duplicate Object property \"a\" at 'a'"
                        + " (line 1, column 57)");
    }

    @Test
    void aFieldGivenTwiceIsRefused() throws Exception {
        header("{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\"}}", 0);
        refused(
                "header is not valid: JSON: Duplicate Object property \"dtype\" at 'a' >"
                        + " 'dtype' (line 1, column 27)");
    }

    @Test
    void aMetadataKeyGivenTwiceIsRefused() throws Exception {
        header("{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", 0);
        refused(
                "header is not valid: JSON: Duplicate Object property \"k\" at"
                        + " '__metadata__' > 'k' (line 1, column 29)");
    }

    @Test
    void anUnknownDtypeIsRefused() throws Exception {
        one("F33", "[1]", "[0,4]", 4);
        refusedStart("tensor 'a': dtype is 'F33', expected one of [F64, F32, F16, ");
    }

    @Test
    void aDtypeInLowerCaseIsRefused() throws Exception {
        one("f32", "[1]", "[0,4]", 4);
        refusedStart("tensor 'a': dtype is 'f32', expected one of ");
    }

    @Test
    void aDtypeThatIsNoStringIsRefused() throws Exception {
        header("{\"a\":{\"dtype\":7,\"shape\":[],\"data_offsets\":[0,1]}}", 1);
        refusedStart("tensor 'a': dtype is 7, expected one of ");
    }

    @Test
    void aKnownDtypeWithoutAJavaFormIsRefusedByName() throws Exception {
        for (String dtype : List.of("I8", "I16", "U16", "U32", "U64", "F8_E4M3", "C64")) {
            int bytes = StoredType.valueOf(dtype).bytes;
            one(dtype, "[1]", "[0," + bytes + "]", bytes);
            refused(
                    "tensor 'a': dtype "
                            + dtype
                            + " is not supported, expected one of F64, F32, F16, BF16, I64,"
                            + " I32, U8, BOOL");
        }
    }

    @Test
    void aNegativeDimensionIsRefused() throws Exception {
        one("U8", "[2,-1]", "[0,2]", 2);
        refused("tensor 'a': shape holds -1, expected integers from 0 to 2^63-1");
    }

    @Test
    void twoNegativeDimensionsWithAPositiveProductAreRefused() throws Exception {
        one("U8", "[-2,-1]", "[0,2]", 2);
        refused("tensor 'a': shape holds -2, expected integers from 0 to 2^63-1");
    }

    @Test
    void aFractionalDimensionIsRefused() throws Exception {
        one("U8", "[1.5]", "[0,1]", 1);
        refused("tensor 'a': shape holds 1.5, expected integers from 0 to 2^63-1");
    }

    @Test
    void aDimensionWithAnExponentIsRefused() throws Exception {
        one("U8", "[1e0]", "[0,1]", 1);
        refused("tensor 'a': shape holds 1e0, expected integers from 0 to 2^63-1");
    }

    @Test
    void aDimensionBeyondLongIsRefused() throws Exception {
        one("U8", "[18446744073709551617]", "[0,1]", 1);
        refused(
                "tensor 'a': shape holds 18446744073709551617, expected integers from 0 to"
                        + " 2^63-1");
    }

    @Test
    void aDimensionInQuotesIsRefused() throws Exception {
        one("U8", "[\"1\"]", "[0,1]", 1);
        refused("tensor 'a': shape holds '1', expected integers from 0 to 2^63-1");
    }

    @Test
    void aShapeThatIsNoArrayIsRefused() throws Exception {
        one("U8", "1", "[0,1]", 1);
        refused("tensor 'a': shape is 1, expected an array of integers");
    }

    @Test
    void aShapeWhoseProductWrapsAroundToTheRightSizeIsRefused() throws Exception {
        one("U8", "[4294967296,4294967296]", "[0,0]", 0);
        refused("tensor 'a': size of U8 [4294967296, 4294967296] overflows 64 bits");
    }

    @Test
    void aByteCountThatWrapsAroundToTheRightSizeIsRefused() throws Exception {
        one("F64", "[2305843009213693953]", "[0,8]", 8);
        refused("tensor 'a': size of F64 [2305843009213693953] overflows 64 bits");
    }

    @Test
    void offsetsThatDoNotMatchTheShapeAreRefused() throws Exception {
        one("F32", "[2,3]", "[0,20]", 20);
        refused("tensor 'a': data_offsets are [0, 20], 20 bytes, but F32 [2, 3] has 24 bytes");
    }

    @Test
    void aScalarHasOneElement() throws Exception {
        one("F32", "[]", "[0,0]", 0);
        refused("tensor 'a': data_offsets are [0, 0], 0 bytes, but F32 [] has 4 bytes");
    }

    @Test
    void offsetsInReverseAreRefused() throws Exception {
        one("U8", "[2]", "[2,0]", 2);
        refused("tensor 'a': data_offsets are [2, 0], expected begin <= end");
    }

    @Test
    void aNegativeOffsetIsRefused() throws Exception {
        one("U8", "[2]", "[-2,0]", 2);
        refused("tensor 'a': data_offsets holds -2, expected integers from 0 to 2^63-1");
    }

    @Test
    void anythingButTwoOffsetsIsRefused() throws Exception {
        one("U8", "[2]", "[2]", 2);
        refused("tensor 'a': data_offsets are [2], expected [begin, end]");
        one("U8", "[2]", "[0,2,2]", 2);
        refused("tensor 'a': data_offsets are [0, 2, 2], expected [begin, end]");
    }

    @Test
    void offsetsBeyondTheFileAreRefused() throws Exception {
        one("U8", "[9]", "[0,9]", 8);
        refused("tensor 'a': data_offsets are [0, 9], but the file has only 8 bytes of data");
    }

    @Test
    void anEmptyTensorBeyondTheFileIsRefused() throws Exception {
        one("U8", "[0]", "[9,9]", 8);
        refused("tensor 'a': data_offsets are [9, 9], but the file has only 8 bytes of data");
    }

    @Test
    void overlappingTensorsAreRefused() throws Exception {
        two(entry("U8", "[3]", "[0,3]"), entry("U8", "[2]", "[2,4]"), 4);
        refused("tensor 'b': data_offsets [2, 4] overlap with another tensor, which ends at 3");
    }

    @Test
    void tensorsThatShareTheirBytesAreRefused() throws Exception {
        two(entry("U8", "[4]", "[0,4]"), entry("U8", "[4]", "[0,4]"), 4);
        refused("tensor 'b': data_offsets [0, 4] overlap with another tensor, which ends at 4");
    }

    @Test
    void anEmptyTensorInsideAnotherIsRefused() throws Exception {
        two(entry("U8", "[4]", "[0,4]"), entry("U8", "[0]", "[2,2]"), 4);
        refused("tensor 'b': data_offsets [2, 2] overlap with another tensor, which ends at 4");
    }

    @Test
    void aGapAtTheStartIsRefused() throws Exception {
        one("U8", "[3]", "[1,4]", 4);
        refused("tensor 'a': data_offsets [1, 4] leave a gap after 0");
    }

    @Test
    void aGapBetweenTensorsIsRefused() throws Exception {
        two(entry("U8", "[1]", "[0,1]"), entry("U8", "[2]", "[2,4]"), 4);
        refused("tensor 'b': data_offsets [2, 4] leave a gap after 1");
    }

    @Test
    void trailingBytesAreRefused() throws Exception {
        one("U8", "[3]", "[0,3]", 5);
        refused("2 trailing bytes: the tensors end at 3 of 5 bytes of data");
    }

    @Test
    void dataWithoutTensorsAreRefused() throws Exception {
        header("{}", 1);
        refused("1 trailing bytes: the tensors end at 0 of 1 bytes of data");
    }

    @Test
    void aBombOfBracketsIsRefused() throws Exception {
        header("{\"a\":" + "[".repeat(1_000_000), 0);
        refused("header is not valid: JSON: nested deeper than 64 at 'a' (line 1, column 69)");
    }

    @Test
    void aTensorTooLargeForAJavaArrayIsRefused() throws Exception {
        one("U8", "[3000000000]", "[0,3000000000]", 8);
        refused(
                "tensor 'a': shape [3000000000] is too large: a Java array has at most 2147483583"
                        + " elements");
    }

    @Test
    void anEmptyTensorWithAHugeDimensionIsRefused() throws Exception {
        one("U8", "[70000,70000,0]", "[0,0]", 0);
        refused(
                "tensor 'a': shape [70000, 70000, 0] is too large: a Java array has at most"
                        + " 2147483583 elements");
    }

    @Test
    void aHugeDimensionBehindAnEmptyOneIsRefused() throws Exception {
        one("U8", "[0,5000000000]", "[0,0]", 0);
        refused(
                "tensor 'a': shape [0, 5000000000] is too large: a Java array has at most"
                        + " 2147483583 elements");
    }

    @Test
    void moreDimensionsThanAnythingHasAreRefused() throws Exception {
        one("U8", "[0" + ",0".repeat(1_000_000) + "]", "[0,0]", 0);
        refused("tensor 'a': shape holds more than 1000 numbers");
    }

    @Test
    void missingFieldsAreNamed() throws Exception {
        header("{\"a\":{\"shape\":[],\"data_offsets\":[0,1]}}", 1);
        refused("tensor 'a': field dtype is missing");
        header("{\"a\":{\"dtype\":\"U8\",\"data_offsets\":[0,1]}}", 1);
        refused("tensor 'a': field shape is missing");
        header("{\"a\":{\"dtype\":\"U8\",\"shape\":[]}}", 1);
        refused("tensor 'a': field data_offsets is missing");
    }

    @Test
    void unknownFieldsAreRefused() throws Exception {
        header("{\"a\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0,1],\"x\":1}}", 1);
        refused("tensor 'a': unknown field 'x', expected dtype, shape and data_offsets");
    }

    @Test
    void anEntryThatIsNoObjectIsRefused() throws Exception {
        header("{\"a\":[1]}", 0);
        refused("tensor 'a': entry is [1], expected {dtype, shape, data_offsets}");
    }

    @Test
    void metadataThatIsNoObjectIsRefused() throws Exception {
        header("{\"__metadata__\":\"x\"}", 0);
        refused("__metadata__ is 'x', expected an object of strings");
    }

    @Test
    void metadataThatIsNoStringIsRefused() throws Exception {
        header("{\"__metadata__\":{\"epoch\":3}}", 0);
        refused("__metadata__: value of 'epoch' is 3, expected a string");
    }

    @Test
    void aNameWithFormatSignsIsShownAsItIs() throws Exception {
        header("{\"%s%n\":1}", 0);
        refused("tensor '%s%n': entry is 1, expected {dtype, shape, data_offsets}");
    }

    @Test
    void aNameOfAMegabyteIsCutInTheMessage() throws Exception {
        header("{\"" + "n".repeat(1 << 20) + "\":1}", 0);
        refused(
                "tensor '"
                        + "n".repeat(200)
                        + "...': entry is 1, expected {dtype, shape, data_offsets}");
    }

    private void refused(String message) {
        SafeTensorsException e = assertRefused();
        assertEquals(file() + ": " + message, e.getMessage());
    }

    private void foreign(String message) {
        refused("not a safetensors file but something else, or cut short: " + message);
    }

    private void refusedStart(String message) {
        SafeTensorsException e = assertRefused();
        assertTrue(e.getMessage().startsWith(file() + ": " + message), e::getMessage);
    }

    private SafeTensorsException assertRefused() {
        return assertThrows(SafeTensorsException.class, () -> SafeTensors.load(file()));
    }

    private Path file() {
        return dir.resolve("m.safetensors");
    }

    private void one(String dtype, String shape, String offsets, int data) throws IOException {
        header("{\"a\":" + entry(dtype, shape, offsets) + "}", data);
    }

    private void two(String a, String b, int data) throws IOException {
        header("{\"a\":" + a + ",\"b\":" + b + "}", data);
    }

    private static String entry(String dtype, String shape, String offsets) {
        return String.format(
                "{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":%s}", dtype, shape, offsets);
    }

    private void header(String json, int data) throws IOException {
        write(json.length(), json, data);
    }

    private void write(long length, String json, int data) throws IOException {
        write(length, json.getBytes(StandardCharsets.US_ASCII), data);
    }

    private void write(long length, byte[] json, int data) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + data);
        bytes.order(ByteOrder.LITTLE_ENDIAN).putLong(length).put(json);
        Files.write(file(), bytes.array());
    }
}
